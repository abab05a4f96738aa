import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { codeOf } from '../../../contract/caught.js';
import { isProvisionError, ProvisionError } from '../../../contract/errors.js';
import { NATS_CA } from '../../../domain/pki/profiles.js';
import { daysUntil } from '../../../domain/pki/reuse.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { say } from '../../io.js';
import { chooseName, type Choice } from '../../topologies/choose.js';

export interface ImportOptions {
  p12: string;
  passwordFile?: string;
}

/** Certificates of servers and clients are for a year. */
const SHORT_DAYS = 365;

interface Ca {
  certificate: string;
  privateKey: string;
}

/** Makes a CA of the user's own the NATS CA of a topology that has none yet. */
export async function importCa(context: Context, choice: Choice, options: ImportOptions): Promise<number> {
  const { io, settings } = context;
  const topology = await chooseName(context, choice);
  const { AgeSecretStore } = await import('../../../adapters/secret-store/age-secret-store.js');
  const store = new AgeSecretStore(settings.stateDir);
  if ((await store.read(topology, `${NATS_CA}.crt`)) !== undefined)
    throw usage(
      `topology "${topology}" already has a NATS CA, which is never replaced`,
      'import a CA before the first provision; teardown --purge deletes the old one',
    );
  const { certificate, privateKey } = await readCa(io.cwd, options);
  // The key first: a certificate without its key would be refused as a broken pair.
  await store.write(topology, `${NATS_CA}.key`, privateKey);
  await store.write(topology, `${NATS_CA}.crt`, certificate);
  const { subject, validTo } = new X509Certificate(certificate);
  const until = new Date(validTo).toISOString().slice(0, 10);
  const daysLeft = daysUntil(Date.parse(validTo), Date.now());
  say(io, `NATS CA of topology "${topology}": ${subject.replaceAll('\n', ', ')}, valid until ${until}`);
  if (daysLeft < SHORT_DAYS)
    say(io, `what it signs ends with it, in ${daysLeft} days, and no command renews it: docs/certificates.md#roots`);
  return 0;
}

async function readCa(cwd: string, { p12, passwordFile }: ImportOptions): Promise<Ca> {
  const [{ readPkcs12 }, { signatureOf }] = await Promise.all([
    import('../../../adapters/cert-mint/read-pkcs12.js'),
    import('../../../adapters/cert-mint/signature.js'),
  ]);
  const bytes = await read(resolve(cwd, p12), () => usage(`${p12} does not exist`, 'name the PKCS#12 file of a CA'));
  const secret = passwordFile ?? `${p12}.password`;
  const hint = `write the password of ${p12} to ${secret} (chmod 600), or name its file with --password-file`;
  const password = await read(resolve(cwd, secret), () => usage(`${secret} does not exist`, hint));
  try {
    const ca = readPkcs12(bytes, password.toString().replace(/\r?\n$/, ''));
    signatureOf(createPrivateKey(ca.privateKey));
    checkCa(new X509Certificate(ca.certificate));
    return ca;
  } catch (error) {
    if (!isProvisionError(error)) throw error;
    throw new ProvisionError(error.code, `${p12}: ${error.message}`, error.hint);
  }
}

/**
 * Certificates are accepted because this CA signed them. Of a CA that another one signed, the other one would have to be
 * trusted as well, and with it every holder of a certificate from that one.
 */
function checkCa(certificate: X509Certificate): void {
  const refused = (why: string, hint: string): ProvisionError => new ProvisionError('PKI_INVALID', why, hint);
  const until = new Date(certificate.validTo);
  if (!certificate.ca)
    throw refused('its certificate is not one of a CA', 'import a certificate that may sign others (CA:TRUE)');
  if (!certificate.checkIssued(certificate) || !certificate.verify(certificate.publicKey))
    throw refused('another CA signed it', 'import a root: a CA that signed itself, and is used for this only');
  if (until.getTime() < Date.now()) throw refused(`it expired on ${until.toISOString()}`, 'import one that is valid');
}

async function read(path: string, missing: () => ProvisionError): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? missing() : error;
  }
}
