import { ProvisionError } from '../../contract/errors.js';
import type { Scope } from '../../contract/topology/scope.js';
import {
  changeScript,
  changesTo,
  recordedFor,
  removalOf,
  rulesInTheWay,
  stepsFor,
  type Changes,
} from '../../domain/hosts/firewall/managed/changes.js';
import { firewallFactsScript, sectionsOf } from '../../domain/hosts/firewall/managed/look.js';
import { nftTablesScript, tablesToSee } from '../../domain/hosts/firewall/managed/nft.js';
import type { Sections } from '../../domain/hosts/firewall/managed/rule.js';
import { openingsBesideSsh, type Opening } from '../../domain/hosts/firewall/openings.js';
import { part, type Goal } from '../part.js';
import type { Site } from '../site.js';

interface Wanted {
  /** What rules of ours say of whose they are. */
  mark: string;
  openings: Opening[];
}

interface Facts {
  goal: Goal;
  firewalls: Sections;
}

/** ufw takes a third of a second for each rule, and a hub has three for each of its leaves. */
const TIMEOUT_MS = 60 * 60_000;

/**
 * What the topology needs, in the firewalls that are active on the host. SSH is let in already, or there would be no look: its rules stay
 * the owner's. No firewall is started, stopped or loaded again.
 */
export const firewall = part<Wanted, Facts>({
  name: 'firewall',
  title: "open the host's firewall",
  phase: 'clusters',
  needs: ['claim'],
  livesIn: 'host',

  wanted: ({ settings, cluster, leafAddresses = [] }: Scope) => ({
    mark: `leafspan:${settings.name}`,
    openings: openingsBesideSsh(settings, cluster.role, leafAddresses),
  }),

  look: async (site, { openings }, goal) => {
    const seen = sectionsOf(await site.print(firewallFactsScript));
    const tables = tablesToSee(seen, recordedFor('nft', seen));
    const firewalls = tables.length === 0 ? seen : { ...seen, 'nft tables': await site.print(nftTablesScript(tables)) };
    if (goal === 'present') refuseInTheWay(site, rulesInTheWay(firewalls, openings));
    return { goal, firewalls };
  },

  decide: (facts, wanted) => stepsFor(changesOf(facts, wanted), 'the topology no longer needs it'),

  undo: (facts, wanted) => stepsFor(changesOf(facts, wanted), 'leafspan made it'),

  act: async (site, steps, facts, wanted) => {
    if (steps.length === 0) return;
    site.work.heartbeat('changing rules of the firewall');
    await site.run(changeScript(changesOf(facts, wanted)), { failFast: true, timeoutMs: TIMEOUT_MS });
  },
});

const changesOf = ({ goal, firewalls }: Facts, { openings, mark }: Wanted): Changes =>
  goal === 'absent' ? removalOf(firewalls) : changesTo(firewalls, openings, mark);

/** @throws ProvisionError PREFLIGHT_FAILED */
function refuseInTheWay({ host, cluster }: Site, rules: readonly string[]): void {
  if (rules.length === 0) return;
  throw new ProvisionError(
    'PREFLIGHT_FAILED',
    `rules of the host's own firewall refuse what the topology needs: ${rules.join('; ')}`,
    'remove them, or set firewall: report and open the host yourself: leafspan firewall',
    { host: host.name, cluster },
  );
}
