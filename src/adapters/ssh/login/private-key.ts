import { readFile, stat } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { codeOf, messageOf } from '../../../contract/caught.js';
import { ProvisionError } from '../../../contract/errors.js';
import { placeOf, settingOf } from '../ssh-errors.js';
import { fromPkcs8, isEncryptedPkcs8, isPkcs8 } from './key-forms.js';
import type { LoginHost } from './login-host.js';

/** @throws ProvisionError SSH_KEY_UNREADABLE */
export async function readKey(host: LoginHost, path: string): Promise<ParsedKey> {
  const unreadable = (why: string, hint: string): ProvisionError =>
    new ProvisionError('SSH_KEY_UNREADABLE', `the private key ${path} ${why}`, hint, placeOf(host));
  const correct = `correct ${settingOf(host, 'privateKeyFile')}`;
  try {
    const [{ mode }, text] = await Promise.all([stat(path), readFile(path, 'utf8')]);
    const unfit = unfitForm(path, text);
    if (unfit !== undefined) throw unreadable(...unfit);
    const octal = (mode & 0o777).toString(8).padStart(4, '0');
    if ((mode & 0o077) !== 0) throw unreadable(`is open to others (mode ${octal})`, `chmod 600 ${path}`);
    const key = parsed(text);
    if (key instanceof Object && 'why' in key) throw unreadable(...whyNot(path, key.why));
    return key;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') throw unreadable('does not exist', correct);
    if (code === 'EACCES')
      throw unreadable('cannot be read by the worker’s user', `chown it to that user, and chmod 600 ${path}`);
    if (code === 'EISDIR') throw unreadable('is a directory', correct);
    throw error;
  }
}

/** What stands beside a private key, or needs a device, with what to do. */
function unfitForm(path: string, text: string): [why: string, hint: string] | undefined {
  if (isOfSecurityKey(text))
    return ['belongs to a security key', `run ssh-add ${path} before the worker starts; ${path}.pub must be beside it`];
  return /^\s*(?:ssh-|ecdsa-|sk-)\S+ AAAA|^---- BEGIN SSH2 PUBLIC KEY|^-----BEGIN PUBLIC KEY/.test(text)
    ? ['is a public key', `name the private key, not the .pub file: ${path.replace(/\.pub$/, '')}`]
    : undefined;
}

/** The body of an OpenSSH key names its type. */
const isOfSecurityKey = (text: string): boolean =>
  /OPENSSH PRIVATE KEY/.test(text) &&
  /sk-(?:ssh|ecdsa)-/.test(Buffer.from(text.replace(/-----.*?-----/g, ''), 'base64').toString('latin1'));

function parsed(text: string): ParsedKey | { why: string } {
  if (isEncryptedPkcs8(text)) return { why: 'it is encrypted' };
  try {
    const key = ssh2.utils.parseKey(isPkcs8(text) ? fromPkcs8(text) : text);
    if ('message' in key) return { why: key.message };
    return key.isPrivateKey() ? key : { why: 'it has no private part' };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

const whyNot = (path: string, why: string): [why: string, hint: string] =>
  /encrypted|passphrase/i.test(why)
    ? ['has a passphrase', `run ssh-add ${path} before the worker starts; ${path}.pub must be beside it`]
    : [`cannot be used: ${why}`, 'name a private key of type Ed25519, ECDSA or RSA, not the .pub file'];
