import { createHash } from 'node:crypto';
import { ProvisionError } from '../contract/errors.js';
import type { Plan } from '../contract/runs.js';
import { inspectScript, parseFacts, type HostFacts } from '../domain/hosts/facts.js';
import type { ReachTarget } from '../domain/hosts/reach.js';
import { claimScript } from '../domain/hosts/claim.js';
import { problemsOf } from '../domain/hosts/problems.js';
import { planHosts } from '../domain/plan/plan.js';
import { hostsOf, type Host, type Topology } from '../contract/topology.js';
import { guarded } from './activity.js';
import { installationOf } from '../parts/pki/installation.js';
import type { Ports } from '../parts/ports.js';

interface InspectInput {
  host: Host;
  ports: number[];
  reach: ReachTarget[];
  trustOnFirstUse: boolean;
}

interface PlanInput {
  topology: Topology;
  facts: HostFacts[];
}

export const hostActivities = ({ hosts, clock, secrets }: Ports) => ({
  /** Looks at a host and changes nothing. */
  inspectHost: guarded(
    async ({ host, ports, reach, trustOnFirstUse }: InspectInput, { signal }): Promise<HostFacts> => {
      await hosts.run(host, 'true', { signal, trustOnFirstUse }); // connects first, so that the clock is compared on a warm connection
      const beforeMs = clock.now();
      const { stdout } = await hosts.run(host, inspectScript(ports, reach), { signal, trustOnFirstUse });
      return parseFacts(host, stdout, { beforeMs, afterMs: Math.min(clock.now(), beforeMs + 1_000) });
    },
  ),

  /** Judges the facts and makes the plan. @throws ProvisionError with every problem of every host */
  planRun: guarded(async ({ topology, facts }: PlanInput): Promise<{ plan: Plan }> => {
    const claimant = { topology: topology.name, installation: await installationOf(secrets, topology.name) };
    const problems = hostsOf(topology).flatMap((host) => {
      const seen = facts.find((candidate) => candidate.host === host.name);
      return seen === undefined ? [] : problemsOf(seen, host, claimant);
    });
    const [first] = problems;
    if (first !== undefined)
      throw new ProvisionError(
        first.code,
        problems.map((problem) => `${problem.host}: ${problem.message}`).join('\n'),
        problems.map((problem) => `${problem.host}: ${problem.remedy}`).join('\n'),
      );
    const planned = planHosts(topology, facts);
    return { plan: { hosts: planned, digest: digestOf({ topology, planned }) } };
  }),

  /** Marks the host as this topology's. @throws ProvisionError HOST_LOCKED when another topology was faster */
  claimHost: guarded(async ({ host, topology }: { host: Host; topology: string }, { signal }) => {
    const { stdout } = await hosts.run(host, claimScript(topology), { signal });
    const owner = stdout.trim();
    if (owner === 'claimed') return { changed: [`claimed ${host.name}`] };
    if (owner === topology) return { changed: [] };
    throw new ProvisionError(
      'HOST_LOCKED',
      `belongs to topology "${owner}"`,
      'tear that one down first, or use another host',
      {
        host: host.name,
      },
    );
  }),
});

/** SHA-256 over JSON with sorted keys, so that the same plan has the same digest whatever the order it was built in. */
const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value, sortedKeys)).digest('hex');

const sortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
