import type { Scope } from '../../contract/topology/scope.js';
import type { Check, CheckKey } from '../../parts/check.js';
import { apiServerReady } from '../../parts/host/k3s.js';
import { partsOf } from '../../parts/list.js';
import type { Part } from '../../parts/part.js';
import { clusterChecks } from './cluster.js';
import { driftCheck } from './drift.js';
import { hostChecks, hostResponds } from './host.js';
import { networkChecks } from './network.js';

/** A check with what the graph of causes is to know of it. */
export interface Listed {
  check: Check;
  /** Parts whose change may explain it. */
  standsOn: readonly string[];
  /** The part that it compares with the topology. */
  part?: string;
}

/** Every check of a cluster that changes nothing, from its host to messages. */
export function checksOf(scope: Scope): Listed[] {
  const parts = partsOf(scope);
  const own = [...hostChecks(scope), ...networkChecks(scope), ...clusterChecks(scope)];
  return [
    ...own.map((check) => ({ check, standsOn: OF_PROGRAMS[check.id] ?? [] })),
    ...parts.flatMap((part) => {
      const check = driftCheck(scope, part);
      return check === undefined ? [] : [{ check, standsOn: [], part: part.name }];
    }),
    ...parts.flatMap((part) =>
      (part.checks?.(scope) ?? [])
        .filter(({ makes }) => makes !== true)
        .map((check) => ({ check: needing(check, scope, part), standsOn: partsBelow(part) })),
    ),
  ];
}

/** Of the checks that are not a part's own. */
const OF_PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'programs-run': ['part:publisher', 'part:subscriber', 'part:nats-secrets'],
};

const partsBelow = ({ name, needs = [], needsHub = [] }: Part): string[] => [
  ...[name, ...needs].map((each) => `part:${each}`),
  ...needsHub.map((each) => `hub/part:${each}`),
];

/** They ask the hub's API server too. */
const ASK_HUB: ReadonlySet<string> = new Set([
  'broker-lists-leaf',
  'broker-behind-gateway',
  'trust-anchor-shared',
  'message-broker-to-leaf',
  'message-leaf-to-broker',
]);

/** With what has to respond before anything of it can be seen. */
function needing(check: Check, { cluster: { name }, settings: { broker } }: Scope, { livesIn }: Part): Check {
  const api = check.id === 'api-server-ready' ? [] : [apiServerReady(name)];
  const first: CheckKey[] = livesIn === 'store' ? [] : [hostResponds(name), ...(livesIn === 'cluster' ? api : [])];
  const hub = ASK_HUB.has(check.id) ? [apiServerReady(broker.name)] : [];
  return { ...check, needs: [...new Set([...first, ...hub, ...(check.needs ?? [])])] };
}
