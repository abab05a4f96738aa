import { readFile, stat } from 'node:fs/promises';
import { types } from 'node:util';
import { codeOf } from '../../../contract/caught.js';
import { ProvisionError } from '../../../contract/errors.js';
import type { Host } from '../../../contract/topology/topology.js';
import { placeOf } from '../ssh-errors.js';

/** What the login uses: the text of a private key, or the agent's socket. As node-ssh names them. */
export type Login = { privateKey: string } | { agent: string };

/** @throws ProvisionError SSH_KEY_UNREADABLE */
export async function loginOf(host: Host, agentSocket: string | undefined): Promise<Login> {
  const path = host.ssh.privateKeyFile;
  if (path !== undefined) return { privateKey: await readKey(host, path) };
  if (agentSocket !== undefined && agentSocket !== '') return { agent: agentSocket };
  throw new ProvisionError(
    'SSH_KEY_UNREADABLE',
    'no key to log in with: the topology names no key file and no SSH agent runs',
    'set ssh.privateKeyFile in the topology, or start an agent and run ssh-add before the worker starts',
    placeOf(host),
  );
}

const unreadable = (host: Host, path: string, why: string, hint: string): ProvisionError =>
  new ProvisionError('SSH_KEY_UNREADABLE', `the private key ${path} ${why}`, hint, placeOf(host));

async function readKey(host: Host, path: string): Promise<string> {
  try {
    const [{ mode }, text] = await Promise.all([stat(path), readFile(path, 'utf8')]);
    const unfit = unfitForm(path, text);
    if (unfit !== undefined) throw unreadable(host, path, ...unfit);
    if ((mode & 0o077) === 0) return text;
    const octal = (mode & 0o777).toString(8).padStart(4, '0');
    throw unreadable(host, path, `is open to others (mode ${octal})`, `chmod 600 ${path}`);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') throw unreadable(host, path, 'does not exist', 'correct ssh.privateKeyFile in the topology');
    if (code === 'EACCES')
      throw unreadable(
        host,
        path,
        'cannot be read by the worker’s user',
        `chown it to that user, and chmod 600 ${path}`,
      );
    if (code === 'EISDIR') throw unreadable(host, path, 'is a directory', 'correct ssh.privateKeyFile in the topology');
    throw error;
  }
}

/** Forms that OpenSSH takes, or that stand beside a private key, with what to do. */
function unfitForm(path: string, text: string): [why: string, hint: string] | undefined {
  if (/^\s*(?:ssh-|ecdsa-|sk-)\S+ AAAA|^---- BEGIN SSH2 PUBLIC KEY|^-----BEGIN PUBLIC KEY/.test(text))
    return ['is a public key', `name the private key, not the .pub file: ${path.replace(/\.pub$/, '')}`];
  if (/^-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/m.test(text))
    return ['is a PKCS#8 key, which is not read', `convert it with: ssh-keygen -p -f ${path}`];
  return undefined;
}

/** What ssh2 says of a key before it connects: it cannot parse it, or finds only a public key in it. */
const BAD_KEY = /^(?:Cannot parse privateKey: |privateKey value )(.*)$/;

/** Whether a connection was not even tried, because of the key. */
export function keyFailure(host: Host, error: unknown): ProvisionError | undefined {
  const why = types.isNativeError(error) ? BAD_KEY.exec(error.message)?.[1] : undefined;
  const path = host.ssh.privateKeyFile;
  if (why === undefined || path === undefined) return undefined;
  return /encrypted|passphrase/i.test(why)
    ? unreadable(host, path, 'has a passphrase', `run ssh-add ${path} and leave ssh.privateKeyFile out of the topology`)
    : unreadable(
        host,
        path,
        `cannot be used: ${why}`,
        'name the private key, not the .pub file; other kinds, such as those of security keys, work through the SSH agent',
      );
}
