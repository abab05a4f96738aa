import { clustersOf, type Topology } from '../../contract/topology/topology.js';
import { settingsOf } from '../../contract/topology/scope.js';
import type { CertificateSpec } from '../../domain/pki/profiles.js';
import { notAfterIn } from '../../domain/pki/validity.js';
import type { Context } from '../context.js';
import { commandLine } from '../invocation.js';
import { say } from '../io.js';

/** A certificate of the state directory. */
export interface StoredEnd {
  /** As in the store, without its suffix: `nats/broker/server`. */
  name: string;
  /** ms since the epoch. */
  notAfter: number;
}

export interface EndingCertificates {
  /** How many end within these days, of those that a renewal replaces. */
  ending: number;
  withinDays: number;
  first?: { name: string; notAfter: string; daysLeft: number };
  /** The command that renews them. */
  renew?: string;
  /** Roots that end within these days: no command renews them. */
  roots?: { name: string; notAfter: string }[];
}

/** Names of the files, and the topology only when one of them ends: to parse it takes longer than to read them. */
type Loader = () => Promise<Topology>;

/** Certificates are readable files: nothing is decrypted, and no host is asked. A damaged one is for verify to name. */
export async function storedEnds({ settings }: Context, topology: string): Promise<StoredEnd[]> {
  const { AgeSecretStore } = await import('../../adapters/secret-store/age-secret-store.js');
  const all = await new AgeSecretStore(settings.stateDir).certificates(topology);
  const ends = all.flatMap(({ name, pem }): StoredEnd[] => {
    const notAfter = notAfterIn(pem);
    return notAfter === undefined ? [] : [{ name: name.slice(0, -'.crt'.length), notAfter }];
  });
  return ends.sort((left, right) => left.notAfter - right.notAfter);
}

/** What ends in the days in which a renewal should have replaced it. Of a leaf that left the topology nothing counts. */
export async function endingCertificates(
  context: Context,
  name: string,
  load: Loader,
  now = Date.now(),
): Promise<EndingCertificates> {
  const { NATS_CA, RENEW_BEFORE_DAYS: withinDays, TRUST_ANCHOR } = await import('../../domain/pki/profiles.js');
  const { daysUntil, isDue } = await import('../../domain/pki/reuse.js');
  const all = await storedEnds(context, name);
  const soon = all.filter(({ notAfter }) => daysUntil(notAfter, now) < withinDays);
  if (soon.length === 0) return { ending: 0, withinDays };
  // A topology that cannot be read is for the commands that need it to name: a status is shown all the same.
  const specs = await load().then(specsOf, () => undefined);
  const ends = new Map(all.map((each) => [each.name, each.notAfter]));
  const isRoot = (each: StoredEnd): boolean => each.name === NATS_CA || each.name === TRUST_ANCHOR;
  const due = soon.filter((each) => {
    const spec = specs?.get(each.name);
    const signerNotAfter = ends.get(spec?.signer ?? '');
    if (specs === undefined) return !isRoot(each);
    if (spec === undefined || signerNotAfter === undefined) return false;
    return isDue(spec, { notAfter: each.notAfter, signerNotAfter }, { now, renewBeforeDays: withinDays });
  });
  const roots = soon.filter(isRoot);
  const [first] = due;
  return {
    ending: due.length,
    withinDays,
    ...(first === undefined
      ? {}
      : {
          first: { name: first.name, notAfter: dateOf(first), daysLeft: daysUntil(first.notAfter, now) },
          renew: commandLine(`certs renew ${name}`),
        }),
    ...(roots.length === 0 ? {} : { roots: roots.map((root) => ({ name: root.name, notAfter: dateOf(root) })) }),
  };
}

/** One line for what a command renews, and one for what none does. */
export function warnOfEnding({ io, style }: Context, { ending, withinDays, first, renew, roots }: EndingCertificates) {
  const mark = style.yellow('!');
  if (first !== undefined && renew !== undefined) {
    const verb = ending === 1 ? 'certificate ends' : 'certificates end';
    const when = first.daysLeft < 0 ? 'ended' : 'ends';
    say(
      io,
      `${mark} ${ending} ${verb} within ${withinDays} days, the first (${first.name}) ${when} on ${dayOf(first)}; renew: ${renew}`,
    );
  }
  for (const root of roots ?? [])
    say(
      io,
      `${mark} ${root.name} ends on ${dayOf(root)} with all that it signed, and is never renewed: docs/certificates.md#roots`,
    );
}

async function specsOf(topology: Topology): Promise<Map<string, CertificateSpec>> {
  const { certificatesOfCluster } = await import('../../domain/pki/spec.js');
  const settings = settingsOf(topology);
  const all = clustersOf(topology).flatMap((cluster) => certificatesOfCluster({ settings, cluster }));
  return new Map(all.map((spec) => [spec.name, spec]));
}

const dateOf = ({ notAfter }: StoredEnd): string => new Date(notAfter).toISOString();
const dayOf = ({ notAfter }: { notAfter: string }): string => notAfter.slice(0, 10);
