import type { Step } from '../../contract/plan.js';
import { isHub, type Scope } from '../../contract/topology/scope.js';
import type { CheckCategory } from '../../contract/checks.js';
import { fail, pass } from '../../domain/checks/verdict.js';
import { check, type Check, type CheckKey } from '../../parts/check.js';
import { apiServerReady } from '../../parts/host/k3s.js';
import type { Part } from '../../parts/part.js';
import { hostResponds } from './host.js';

/** Of a part without a check: where people look for it. */
const CATEGORIES: Readonly<Record<string, CheckCategory>> = {
  'linkerd-command': 'linkerd',
  'gateway-api': 'linkerd',
  'linkerd-crds': 'linkerd',
  multicluster: 'multicluster',
  'mesh-policy': 'multicluster',
};

/** That a part is as the topology asks: what `plan` would do about it. Certificates have checks of their own. */
export function driftCheck(scope: Scope, part: Part): Check | undefined {
  if (part.livesIn === 'store') return undefined;
  const { name } = scope.cluster;
  const inCluster = isHub(scope) ? 'nats-broker' : 'nats-leaf';
  const own = part.checks?.(scope)[0]?.category ?? CATEGORIES[part.name];
  return check<Step[]>({
    id: 'part-as-wanted',
    category: own ?? (part.livesIn === 'host' ? 'k3s' : inCluster),
    subject: `${name}/${part.name}`,
    title: `${part.name} is as the topology asks`,
    severity: 'warning',
    needs: needsOf(scope, part),
    probe: async (site) => (await part.see(site)).steps,
    judge: (steps) => {
      const [first, ...more] = steps.filter(isDrift);
      if (first === undefined) return pass();
      return fail(`${told(first)} on ${name}`, [...(first.diff ?? []), ...more.map(told)].join('; ') || undefined);
    },
  });
}

function needsOf({ cluster: { name }, settings: { broker } }: Scope, { livesIn, asksHub = false }: Part): CheckKey[] {
  if (livesIn === 'host') return [hostResponds(name)];
  return [apiServerReady(name), ...(asksHub ? [apiServerReady(broker.name)] : [])];
}

/** Something is missing or was changed. A restart or a reload follows from that, or from time. */
const isDrift = ({ verb, diff = [] }: Step): boolean =>
  verb === 'create' || (verb === 'change' && (diff.length === 0 || diff.some(isTelling)));

/** Labels and annotations change nothing that runs, but for those by which a Service is exported or a pod gets its proxy. */
const isTelling = (field: string): boolean =>
  !/^metadata\.(?:labels|annotations)/.test(field) || /mirror\.linkerd\.io|linkerd\.io\/inject/.test(field);

const told = ({ verb, object }: Step): string => `${object} ${verb === 'create' ? 'is missing' : 'was changed'}`;
