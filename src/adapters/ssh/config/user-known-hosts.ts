import { createHash, createHmac } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** What `ssh-keygen -lf` prints. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** Bytes of the file that are read: some ten thousand hosts. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Fingerprints of the keys that ~/.ssh/known_hosts has for a host. Its name may be hashed. Patterns and authorities are left
 * out: they say less than one key.
 * @param name in lower case; with a port other than 22 as `[name]:port`
 */
export async function keysKnownToUser(home: string, name: string): Promise<Set<string>> {
  const entries = (await beginningOf(join(home, '.ssh/known_hosts'))).split('\n').map(entryIn);
  const ours = entries.flatMap((entry) => (entry !== undefined && isFor(entry.hosts, name) ? [entry] : []));
  const revoked = new Set(ours.flatMap(({ key, marker }) => (marker === '@revoked' ? [key] : [])));
  return new Set(ours.flatMap(({ key, marker }) => (marker === undefined && !revoked.has(key) ? [key] : [])));
}

interface Entry {
  marker: string | undefined;
  hosts: string;
  key: string;
}

function entryIn(line: string): Entry | undefined {
  const fields = line.trim().split(/\s+/);
  const marker = fields[0]?.startsWith('@') === true ? fields.shift() : undefined;
  const [hosts = '', type = '', key = ''] = fields;
  if (hosts === '' || hosts.startsWith('#') || type === '' || key === '') return undefined;
  return { marker, hosts, key: fingerprintOf(Buffer.from(key, 'base64')) };
}

function isFor(hosts: string, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(hosts) ?? [];
  if (salt !== undefined && hash !== undefined)
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  return hosts.toLowerCase().split(',').includes(name);
}

/** Empty when there is none to read. */
async function beginningOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return '';
  } finally {
    await file.close();
  }
}
