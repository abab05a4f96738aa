import { counted } from '../domain/checks/counted.js';
import type { Tone } from './marks.js';
import type { Report, ReportedCheck, ReportedCluster } from './report.js';

/** How a cluster or a link is, in a few words. */
export interface Condition {
  tone: Tone;
  says: string;
}

export interface LinkCondition extends Condition {
  /** Such as `373µs`. */
  roundTrip?: string;
}

type Seen = Pick<Report, 'checks'>;

const isOf =
  (id: string, cluster: string) =>
  (check: ReportedCheck): boolean =>
    check.id === id && check.cluster === cluster;

const NOT_LOOKED_AT: Condition = { tone: 'off', says: 'not looked at' };

export function conditionOf({ checks }: Seen, { name }: Pick<ReportedCluster, 'name'>): Condition {
  const own = checks.filter(({ cluster }) => cluster === name);
  if (own.length === 0) return NOT_LOOKED_AT;
  const isDown = (id: string): boolean => own.find(isOf(id, name))?.verdict.state === 'fail';
  if (isDown('host-responds')) return { tone: 'bad', says: 'host does not respond' };
  if (isDown('api-server-ready')) return { tone: 'bad', says: 'Kubernetes does not respond' };
  const failed = own.filter(({ verdict }) => verdict.state === 'fail');
  const errors = failed.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) return { tone: 'bad', says: `${counted(errors, 'check')} failed` };
  const silent = own.filter((check) => check.silent === true).length;
  if (silent > 0) return { tone: 'off', says: `${counted(silent, 'check')} without a response` };
  if (failed.length > 0) return { tone: 'warn', says: counted(failed.length, 'warning') };
  return { tone: 'ok', says: 'every check passes' };
}

/** The link of a leaf to the hub, as the leaf node sees it. */
export function linkOf({ checks }: Seen, leaf: string): LinkCondition {
  const verdict = checks.find(isOf('leaf-linked', leaf))?.verdict;
  if (verdict === undefined) return NOT_LOOKED_AT;
  if (verdict.state === 'fail') return { tone: 'bad', says: 'not linked' };
  if (verdict.state === 'skip') return { tone: 'off', says: 'link not seen' };
  const roundTrip = /^round trip (.+)$/.exec(verdict.note ?? '')?.[1];
  return roundTrip === undefined ? { tone: 'ok', says: 'linked' } : { tone: 'ok', says: 'linked', roundTrip };
}
