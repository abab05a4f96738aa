import type { Step } from '../../../src/contract/plan.js';
import type { Scope } from '../../../src/contract/topology/scope.js';
import { apiStateScript } from '../../../src/domain/k3s/api-state.js';
import { keyOf, type Check } from '../../../src/parts/check.js';
import type { Part } from '../../../src/parts/part.js';
import type { Site } from '../../../src/parts/site.js';
import type { FakePorts } from '../fakes/ports.js';

/** Looks, decides and acts, as the activity of a part does. */
export async function ensured(part: Part, site: Site): Promise<Step[]> {
  const { steps, act } = await part.see(site);
  if (steps.length > 0) await act(steps);
  return steps;
}

export async function removed(part: Part, site: Site): Promise<Step[]> {
  const { steps, act } = await part.seeForRemoval(site);
  if (steps.length > 0) await act(steps);
  return steps;
}

/** `verb object` */
export const inShort = (steps: readonly Step[]): string[] => steps.map(({ verb, object }) => `${verb} ${object}`);

/** A host whose API server responds. */
export function withApi(ports: FakePorts): FakePorts {
  ports.hosts.on(apiStateScript, 'installed\nactive\nkubeconfig\n');
  ports.kubernetes.onGet('/readyz', 200, 'ok');
  return ports;
}

/** A host without a K3s. */
export function bare(ports: FakePorts): FakePorts {
  ports.hosts.on(apiStateScript, '');
  return ports;
}

export function checkOf(part: Part, scope: Scope, key: string): Check {
  const found = part.checks?.(scope).find((check) => keyOf(check) === key);
  if (found === undefined) throw new Error(`part ${part.name} has no check ${key}`);
  return found;
}

/** `state: because or note | saw` */
export function judged(part: Part, scope: Scope, key: string, facts: unknown): string {
  const verdict = checkOf(part, scope, key).judge(facts);
  if (verdict.state === 'pass') return verdict.note === undefined ? 'pass' : `pass: ${verdict.note}`;
  const saw = verdict.state === 'fail' ? verdict.saw : undefined;
  return `${verdict.state}: ${[verdict.because, saw].filter((text) => text !== undefined).join(' | ')}`;
}
