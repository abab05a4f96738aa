import { createHash } from 'node:crypto';
import type { PartPlan, Step } from '../contract/plan.js';
import { isHub } from '../contract/topology/scope.js';
import { isRenewal } from '../domain/pki/renewal.js';
import type { Part } from './part.js';
import type { Site } from './site.js';

/** Looks at every part of a cluster and decides; changes nothing. The order is that of the list. */
export const planParts = (
  site: Site,
  parts: readonly Part[],
  /** Names of parts that other clusters wait for. */
  awaited: ReadonlySet<string>,
): Promise<PartPlan[]> =>
  Promise.all(
    parts.map(async (part): Promise<PartPlan> => {
      const { name, title, phase, needs = [], needsHub = [] } = part;
      const unseen = await whyUnseen(site, part);
      const steps = unseen === undefined ? (await part.see(site)).steps : [];
      return {
        part: name,
        title,
        phase,
        needs: needs.filter((need) => parts.some((other) => other.name === need)),
        needsHub: isHub(site.scope) ? [] : needsHub,
        steps,
        ...(awaited.has(name) ? { awaited: true } : {}),
        ...(part.checks?.(site.scope).some(({ soon }) => soon) === true ? { checkedSoon: true } : {}),
        ...(unseen === undefined ? {} : { unseen }),
      };
    }),
  );

async function whyUnseen(site: Site, { livesIn, renews, asksHub = false }: Part): Promise<string | undefined> {
  if (isRenewal(site.scope) && !renews) return undefined;
  if (livesIn === 'cluster' && (await site.api()) === 'down') return 'K3s does not respond';
  return asksHub && (await site.hub.api()) === 'down' ? 'K3s of the hub does not respond' : undefined;
}

/**
 * What makes two steps the same for an approval. Fingerprints do not count: a certificate that is about to be issued has
 * none yet.
 */
export const stepKey = ({ verb, object, diff = [] }: Step): string =>
  [verb, object, ...diff].join('\n').replaceAll(/\bsha256:[0-9a-f]+|\b[0-9a-f]{64}\b|\(not issued yet\)/g, 'sha256');

/** SHA-256 over the steps of parts, hex; the same steps have the same digest in whatever order they were found. */
export function digestOf(parts: readonly Pick<PartPlan, 'part' | 'steps'>[]): string {
  const keys = parts.flatMap(({ part, steps }) => steps.map((step) => `${part}\n${stepKey(step)}`));
  return createHash('sha256').update(keys.sort().join('\n\n')).digest('hex');
}

/** Steps that are due now and were not in the plan that was approved. */
export function unapproved(now: readonly Step[], approved: readonly Step[]): Step[] {
  const known = new Set(approved.map(stepKey));
  return now.filter((step) => !known.has(stepKey(step)));
}
