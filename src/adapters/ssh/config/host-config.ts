import { ProvisionError } from '../../../contract/errors.js';
import type { JumpTarget } from '../../../contract/topology/topology.js';
import { given } from '../../../contract/topology/given.js';
import { inHome, readDirectives, type Asked, type Directives } from './directives.js';

/** What ~/.ssh/config says of one host. */
export interface HostConfig {
  hostName: string;
  user?: string;
  port?: number;
  /** Paths, whether there are such files or not. */
  identityFiles: string[];
  certificateFiles: string[];
  identitiesOnly: boolean;
  /** Absent: `$SSH_AUTH_SOCK`. */
  identityAgent?: string;
  /** Absent: no jump host. */
  jump?: JumpTarget[];
  /** It reaches the host through a program of the user's. */
  proxyCommand?: string;
  skipped: readonly string[];
}

/** @throws ProvisionError SSH_KEY_UNREADABLE */
export async function hostConfig(asked: Asked): Promise<HostConfig> {
  const directives = await readDirectives(asked);
  const first = (keyword: string): string | undefined => directives.values.get(keyword)?.[0];
  const hostName = withTokens(first('hostname') ?? '%h', { h: asked.alias });
  const user = asked.user ?? first('user');
  const files = (keyword: string): string[] => pathsOf(asked, directives, keyword, hostName, user);
  const [agent] = files('identityagent').filter((path) => path !== 'SSH_AUTH_SOCK');
  return {
    hostName,
    ...given({ user, port: portOf(first('port')), identityAgent: agent }),
    identityFiles: files('identityfile'),
    certificateFiles: files('certificatefile'),
    identitiesOnly: first('identitiesonly')?.toLowerCase() === 'yes',
    ...proxyOf(directives),
    skipped: directives.skipped,
  };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw invalid(`Port ${text}`, 'correct it, or set ssh.port in the topology');
}

const invalid = (what: string, hint: string): ProvisionError =>
  new ProvisionError('SSH_KEY_UNREADABLE', `"${what}" of ~/.ssh/config cannot be used`, hint);

/** Words that stand for no file. */
const WORDS = ['none', 'SSH_AUTH_SOCK'];

function pathsOf(
  { home, localUser, alias }: Asked,
  { values }: Directives,
  keyword: string,
  hostName: string,
  user = localUser,
): string[] {
  return (values.get(keyword) ?? []).map((written) => {
    const path = withTokens(written, { d: home, h: hostName, n: alias, r: user, u: localUser });
    return WORDS.includes(path) ? path : (inHome(home, path, process.cwd()) ?? path);
  });
}

/** `%h` and the like. */
const withTokens = (text: string, tokens: Record<string, string>): string =>
  text.replace(/%(.)/g, (whole, token: string) => (token === '%' ? '%' : (tokens[token] ?? whole)));

/** Of the two the one that is written first counts, as in OpenSSH. */
function proxyOf({ values }: Directives): Pick<HostConfig, 'jump' | 'proxyCommand'> {
  const keyword = [...values.keys()].find((name) => name === 'proxyjump' || name === 'proxycommand');
  const text = (values.get(keyword ?? '') ?? []).join(' ');
  if (keyword === undefined || text.toLowerCase() === 'none') return {};
  return keyword === 'proxycommand' ? { proxyCommand: text } : { jump: text.split(',').map(parseJump) };
}

const JUMP =
  /^(?:ssh:\/\/)?(?:(?<user>[^@/]+)@)?(?:\[(?<ipv6>[0-9a-fA-F:]+)\]|(?<name>[^:/@[\]]+))(?::(?<port>\d{1,5}))?\/?$/;

function parseJump(written: string): JumpTarget {
  const { user, ipv6, name, port } = JUMP.exec(written.trim())?.groups ?? {};
  const address = ipv6 ?? name;
  if (address === undefined)
    throw invalid(`ProxyJump ${written.trim()}`, 'write it as user@host:port, or set ssh.jump in the topology');
  return { address, ...given({ user, port: portOf(port) }) };
}
