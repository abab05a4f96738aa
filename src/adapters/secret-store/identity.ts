import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { ProvisionError } from '../../contract/errors.js';
import { createWhole, readIfThere } from '../../local/atomic-file.js';

/** The key of all secrets on this machine, in the format of age-keygen. */
export interface Identity {
  secret: string;
  recipient: string;
}

export async function readIdentity(path: string): Promise<Identity | undefined> {
  const text = (await readIfThere(path))?.toString('utf8');
  if (text === undefined) return undefined;
  const secret = /^AGE-SECRET-KEY-1[0-9A-Z]+$/m.exec(text)?.[0];
  if (secret === undefined) throw unusable(path, 'no line begins with AGE-SECRET-KEY-1');
  try {
    return { secret, recipient: await identityToRecipient(secret) };
  } catch {
    throw unusable(path, 'its key is damaged');
  }
}

/** Two processes that start at once get the same identity. */
export async function createIdentity(path: string): Promise<Identity> {
  const secret = await generateX25519Identity();
  const recipient = await identityToRecipient(secret);
  const text = `# created by leafspan; anyone with this file can read its secrets\n# public key: ${recipient}\n${secret}\n`;
  if (await createWhole(path, text)) return { secret, recipient };
  const theirs = await readIdentity(path);
  if (theirs === undefined) throw unusable(path, 'it was removed while leafspan read it');
  return theirs;
}

const unusable = (path: string, why: string): ProvisionError =>
  new ProvisionError(
    'SECRET_MISSING',
    `the identity ${path} cannot be used: ${why}`,
    `restore ${path} from a backup; without it the stored keys are lost: tear down with --purge and provision again`,
  );
