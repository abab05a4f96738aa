import { readFile, stat } from 'node:fs/promises';
import ssh2 from 'ssh2';
import { ProvisionError } from '../../contract/errors.js';
import type { Host } from '../../domain/topology/types.js';
import { placeOf } from './ssh-errors.js';

/** What the login uses: the text of a private key, or the agent's socket. */
export type Login = { key: string } | { agent: string };

/** @throws ProvisionError SSH_KEY_UNREADABLE */
export async function loginOf(host: Host, agentSocket: string | undefined): Promise<Login> {
  const path = host.ssh.privateKeyFile;
  if (path !== undefined) return { key: await readKey(host, path) };
  if (agentSocket !== undefined && agentSocket !== '') return { agent: agentSocket };
  throw new ProvisionError(
    'SSH_KEY_UNREADABLE',
    'there is no key to log in with: the topology names none and no SSH agent runs',
    'set ssh.privateKeyFile in the topology, or start an agent and run ssh-add before the worker starts',
    placeOf(host),
  );
}

async function readKey(host: Host, path: string): Promise<string> {
  const unreadable = (why: string, remedy: string): ProvisionError =>
    new ProvisionError('SSH_KEY_UNREADABLE', `the private key ${path} ${why}`, remedy, placeOf(host));
  let text: string;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0)
      throw unreadable(`is open to others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`, `chmod 600 ${path}`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw unreadable('does not exist', 'correct ssh.privateKeyFile in the topology');
    if (code === 'EACCES')
      throw unreadable('cannot be read by the worker’s user', `make that user its owner, and chmod 600 ${path}`);
    if (code === 'EISDIR') throw unreadable('is a folder', 'correct ssh.privateKeyFile in the topology');
    throw error;
  }
  const parsed = ssh2.utils.parseKey(text);
  if (!(parsed instanceof Error)) return text;
  if (/encrypted|passphrase/i.test(parsed.message))
    throw unreadable('has a passphrase', `ssh-add ${path} and leave ssh.privateKeyFile out: the agent is asked then`);
  throw unreadable(`is no private key that can be read: ${parsed.message}`, 'name the private key, not the .pub file');
}
