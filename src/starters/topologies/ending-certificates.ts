import { X509Certificate } from 'node:crypto';
import { RENEW_BEFORE_DAYS } from '../../domain/pki/profiles.js';
import { daysUntil } from '../../domain/pki/reuse.js';
import type { Context } from '../context.js';
import { commandLine } from '../invocation.js';
import { say } from '../io.js';

/** Of a large fleet so many are read: those of the hub come first, and the leaves are about as old. */
const MAX_READ = 100;

/** Warns where time runs out, since only a provision renews. Certificates are readable files: nothing is decrypted. */
export async function warnOfEndingCertificates({ io, settings }: Context, topology: string): Promise<void> {
  const { AgeSecretStore } = await import('../../adapters/secret-store/age-secret-store.js');
  const store = new AgeSecretStore(settings.stateDir);
  const names = (await store.list(topology)).filter((name) => name.endsWith('.crt')).slice(0, MAX_READ);
  const days = (await Promise.all(names.map(async (name) => daysLeft(await store.read(topology, name))))).flat();
  const ending = days.filter((left) => left < RENEW_BEFORE_DAYS);
  if (ending.length === 0) return;
  say(
    io,
    `certificates of ${topology} that end within ${RENEW_BEFORE_DAYS} days: ${ending.length}, the first in ${Math.min(...ending)} days`,
  );
  say(io, `hint: renew them: ${commandLine('provision')}; see them: ${commandLine(`certs list ${topology}`)}`);
}

/** A damaged file is for provision and verify to name. */
function daysLeft(pem: Buffer | undefined): number[] {
  try {
    return pem === undefined ? [] : [daysUntil(Date.parse(new X509Certificate(pem).validTo), Date.now())];
  } catch {
    return [];
  }
}
