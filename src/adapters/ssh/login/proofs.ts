import { join } from 'node:path';
import type { BaseAgent, ParsedKey } from 'ssh2';
import { isProvisionError, ProvisionError } from '../../../contract/errors.js';
import { placeOf, settingOf } from '../ssh-errors.js';
import { OfferedKeys, openAgent, publicKeyOf, type Agent } from './agent.js';
import { isCertificateOf, isForeign, signatureOf, standInFor } from './foreign-keys.js';
import type { LoginHost } from './login-host.js';
import { readKey } from './private-key.js';

/** One way to prove who logs in. `name` is for messages. */
export type Proof = { name: string; key: ParsedKey } | { name: string; agent: BaseAgent };

export interface KeySources {
  /** Of the topology: this key and no other. */
  privateKeyFile: string | undefined;
  /** Of ~/.ssh/config. */
  identityFiles: readonly string[];
  /** Of ~/.ssh/config; `<key>-cert.pub` is looked for too. */
  certificateFiles: readonly string[];
  identitiesOnly: boolean;
  agentSocket: string | undefined;
  /** Where the default keys are. */
  sshDirectory: string | undefined;
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** In the order in which they are tried; there is at least one. @throws ProvisionError SSH_KEY_UNREADABLE */
export async function proofsOf(host: LoginHost, sources: KeySources): Promise<Proof[]> {
  let agentFailure: string | undefined;
  const agent = await openAgent(sources.agentSocket, (why) => (agentFailure = why));
  if (sources.privateKeyFile !== undefined) return proofsWith(host, sources.privateKeyFile, agent, sources);
  const problems: ProvisionError[] = [];
  const named = sources.identityFiles.filter((path) => path !== 'none');
  const files = named.length > 0 ? named : defaultsOf(sources);
  const ofFiles = await usableOf(host, files, agent, sources, problems);
  const ofAgent = agent === undefined || agent.keys.length === 0 || sources.identitiesOnly ? [] : [wholeOf(agent)];
  const proofs = named.length > 0 ? [...ofFiles, ...ofAgent] : [...ofAgent, ...ofFiles];
  if (proofs.length > 0) return proofs;
  throw problems[0] ?? nothingToLogInWith(host, sources, agentFailure);
}

const wholeOf = (agent: Agent): Proof => ({ name: 'any key of the SSH agent', agent: agent.offering(agent.keys) });

const defaultsOf = ({ sshDirectory, identityFiles }: KeySources): string[] =>
  sshDirectory === undefined || identityFiles.includes('none')
    ? []
    : DEFAULT_KEYS.map((name) => join(sshDirectory, name));

/** The key, after its certificate when there is one. A key that only its agent can use is used through it. */
async function proofsWith(
  host: LoginHost,
  path: string,
  agent: Agent | undefined,
  { certificateFiles }: KeySources,
): Promise<Proof[]> {
  try {
    const key = await readKey(host, path);
    const certificates = await Promise.all(
      [...certificateFiles, `${path}-cert.pub`].map((file) => certified(key, file)),
    );
    return [...certificates.flat(), { name: path, key }];
  } catch (error) {
    const wanted = agent === undefined ? undefined : await publicKeyOf(`${path}.pub`, path);
    const held = agent?.keys.filter((key) => wanted?.equals(key.getPublicSSH()) === true) ?? [];
    if (agent === undefined || held.length === 0) throw error;
    return [{ name: `${path} of the SSH agent`, agent: agent.offering(held) }];
  }
}

/** What the certificate of another key says is of no use with this one. */
async function certified(key: ParsedKey, file: string): Promise<Proof[]> {
  const blob = await publicKeyOf(file);
  if (blob === undefined || !isForeign(blob) || !isCertificateOf(blob, key)) return [];
  const sign = (data: Buffer): Promise<Buffer> => Promise.resolve(signatureOf(key.getPrivatePEM(), data));
  return [{ name: file, agent: new OfferedKeys([standInFor({ blob, sign })]) }];
}

/** Files that are not there are no problem, as for OpenSSH. */
async function usableOf(
  host: LoginHost,
  paths: readonly string[],
  agent: Agent | undefined,
  sources: KeySources,
  problems: ProvisionError[],
): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for (const path of paths) {
    try {
      proofs.push(...(await proofsWith(host, path, agent, sources)));
    } catch (error) {
      if (!isProvisionError(error)) throw error;
      if (!error.message.endsWith('does not exist')) problems.push(error);
    }
  }
  return proofs;
}

function nothingToLogInWith(host: LoginHost, sources: KeySources, agentFailure: string | undefined): ProvisionError {
  const socket = sources.agentSocket ?? '';
  const agent =
    agentFailure !== undefined
      ? `the SSH agent at ${socket} does not respond (${agentFailure})`
      : socket === ''
        ? 'no SSH agent runs'
        : 'the SSH agent has no key';
  const files =
    sources.identityFiles.length > 0
      ? `none of ${sources.identityFiles.join(', ')} is there`
      : `~/.ssh has no ${DEFAULT_KEYS.slice(0, -1).join(', ')} or ${DEFAULT_KEYS.at(-1) ?? ''}`;
  return new ProvisionError(
    'SSH_KEY_UNREADABLE',
    `no key to log in with: the topology names no key file, ${agent}, and ${files}`,
    `set ${settingOf(host, 'privateKeyFile')}, or start an agent and run ssh-add before the worker starts`,
    placeOf(host),
  );
}
