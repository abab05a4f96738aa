import { duration } from '../../../contract/duration.js';
import type { ProvisionResult } from '../../../contract/runs.js';
import type { Topology } from '../../../contract/topology/topology.js';
import { usersOutside } from '../../../domain/accounts/accounts.js';
import { userCertificate } from '../../../domain/accounts/names.js';
import { commandLine } from '../../invocation.js';
import { checksText } from '../../terminal/checks.js';
import { padEnd, type Style } from '../../terminal/style.js';
import type { StoredEnd } from '../../topologies/ending-certificates.js';
import { changesText, failureLines } from '../provision/output.js';

interface RenewalFacts {
  topology: Topology;
  result: ProvisionResult;
  /** The certificates of the state directory, those first that end first. */
  before: readonly StoredEnd[];
  after: readonly StoredEnd[];
  tookMs: number;
}

const LABEL_WIDTH = 10;

/** The end of a renewal, for people. */
export function renderRenewal(facts: RenewalFacts, style: Style): string {
  const { topology, result, after, tookMs } = facts;
  const { name } = topology;
  const row = (label: string, text: string): string => `  ${style.dim(padEnd(label, LABEL_WIDTH))} ${text}`;
  const [first] = after;
  return [
    result.state === 'done'
      ? `${style.green('✔')} ${style.bold(name)} has its new certificates, every check passes`
      : `${style.yellow('!')} ${style.bold(name)} is ${style.yellow('degraded')}; fix the cause and renew again`,
    row('changes', changesText(result.changed)),
    row('checks', checksText(result.checks)),
    ...failureLines(result, topology, style),
    ...(first === undefined ? [] : [row('next end', `${dayOf(first)}, ${first.name}`)]),
    row('time', duration(tookMs)),
    ...exportLines(facts, style),
  ].join('\n');
}

/** What was handed out is a copy: leafspan does not reach it. */
function exportLines({ topology, before, after }: RenewalFacts, style: Style): string[] {
  const earlier = new Map(before.map((each) => [each.name, each]));
  const now = new Map(after.map((each) => [each.name, each]));
  const copies = (topology.nats.accounts ?? []).flatMap(usersOutside).flatMap((user) => {
    const [old, next] = [earlier.get(userCertificate(user)), now.get(userCertificate(user))];
    return old === undefined || next === undefined || next.notAfter === old.notAfter ? [] : [{ user, old }];
  });
  return copies.flatMap(({ user: { account, name, site }, old }) => [
    style.dim(`  ${name} of ${account} works with the files that it has until ${dayOf(old)}; its new ones:`),
    `    ${commandLine(`certs export ${topology.name} --user ${account}/${name} --at ${site} --out ${name}`)}`,
  ]);
}

const dayOf = ({ notAfter }: StoredEnd): string => new Date(notAfter).toISOString().slice(0, 10);
