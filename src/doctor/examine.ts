import { setMaxListeners } from 'node:events';
import { loginText, SSH_PORT, type Host, type JumpTarget, type Topology } from '../contract/topology/topology.js';
import type { Examined, Patient, Place } from '../domain/diagnosis/examined.js';
import type { Ports } from '../parts/ports.js';
import { Site, type Work } from '../parts/site.js';
import { vitalSigns } from './checks/host.js';
import { checksOf, type Listed } from './checks/list.js';
import { withEvidence } from './evidence.js';
import { surroundingsOf, type Surroundings } from './surroundings.js';
import { scopesOf } from './scopes.js';
import { Examination, type Case, type Limits } from './look.js';

/** What was seen of a system. */
export interface Sighting {
  patient: Patient;
  checks: Examined[];
}

interface Placed extends Listed, Case {}

/** Clusters that are looked at at once; the limits count for so many. */
const AT_ONCE = 20;

/**
 * Looks at every check of the hub and of the leaves, from hosts to messages, and changes nothing. Hosts come first: what
 * needs one that does not respond is not tried.
 * @param only names of leaves; undefined: all
 */
export async function examine(
  ports: Ports,
  topology: Topology,
  { only, limits, work }: { only: readonly string[] | undefined; limits: Limits; work: Work },
): Promise<Sighting> {
  // Every look listens to it.
  setMaxListeners(Infinity, work.signal);
  const all = scopesOf(topology, only).map((scope) => placed(new Site(ports, scope, work)));
  const examination = new Examination(all.flat(), limits);
  const checks: Examined[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const cases = all.slice(at, at + AT_ONCE).flat();
    const looked = await examination.results(cases);
    checks.push(...cases.flatMap((each, index) => examined(each, looked[index])));
  }
  const sites = new Map(all.flat().map(({ site }) => [site.cluster, site]));
  const places = await Promise.all([...sites.values()].map((site) => placeOf(site, checks)));
  const patient = { topology: topology.name, hub: topology.broker.name, places };
  return { patient, checks: await withEvidence(checks, sites, limits.checkMs) };
}

/** Events and logs of the clusters whose API server responded. */
export function surroundings(
  ports: Ports,
  topology: Topology,
  { checks }: Sighting,
  work: Work,
): Promise<Surroundings[]> {
  const up = new Set(
    checks
      .filter(({ id, verdict }) => id === 'api-server-ready' && verdict.state === 'pass')
      .map(({ cluster }) => cluster),
  );
  return Promise.all(
    scopesOf(topology, undefined)
      .filter(({ cluster }) => up.has(cluster.name))
      .map((scope) => surroundingsOf(new Site(ports, scope, work))),
  );
}

const placed = (site: Site): Placed[] => checksOf(site.scope).map((listed) => ({ ...listed, site }));

function examined(
  { check, site, standsOn, part }: Placed,
  looked: Omit<Examined, 'cluster' | 'needs' | 'standsOn'> | undefined,
): Examined[] {
  if (looked === undefined) return [];
  const needs = [...(check.needs ?? []), ...(check.onlyWith ?? [])];
  const known = { ...looked, cluster: site.cluster, needs, standsOn };
  return [part === undefined ? known : { ...known, part }];
}

async function placeOf(site: Site, checks: readonly Examined[]): Promise<Place> {
  const { internalAddress, externalAddress, name, cluster } = site.host;
  const place = { cluster, host: name, login: loginOf(site.host), internalAddress, externalAddress };
  const looked = checks.find(({ id, subject }) => id === 'host-clock' && subject === cluster);
  // A host that has not responded says nothing of it, and is not waited for again.
  if (looked === undefined || looked.silent === true || looked.verdict.state === 'skip') return place;
  const { firewall } = await vitalSigns(site);
  return firewall === undefined ? place : { ...place, firewall };
}

const loginOf = ({ ssh }: Host): string =>
  [
    ...(ssh.port === undefined || ssh.port === SSH_PORT ? [] : [`-p ${ssh.port}`]),
    ...(ssh.privateKeyFile === undefined ? [] : [`-i ${ssh.privateKeyFile}`]),
    ...(ssh.jump === undefined ? [] : [`-J ${ssh.jump.map(hopOf).join(',')}`]),
    loginText(ssh),
  ].join(' ');

const hopOf = ({ port = SSH_PORT, ...hop }: JumpTarget): string => `${loginText(hop)}:${port}`;
