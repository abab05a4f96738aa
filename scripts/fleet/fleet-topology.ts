import type { Cluster, Topology } from '../../src/contract/topology/topology.js';
import type { Fault } from '../../test/doubles/fleet/hosts/host-model.js';
import { LINKERD_VERSION } from '../../test/doubles/fleet/linkerd/manifests.js';
import { BOX_IMAGE, K3S_VERSION, SERVER_IMAGE } from '../../test/doubles/fleet/bundle.js';
import { hashOf } from '../../test/doubles/fleet/pace.js';
import type { FleetOptions } from './options.js';

// The one that takes a minute to tell is the last.
const FAULTS: readonly Fault[] = ['wrong-k3s', 'small', 'unreachable'];

const clusterAt = (name: string, role: Cluster['role'], address: string): Cluster => ({
  name,
  role,
  hosts: [
    {
      name: `${name}-1`,
      cluster: name,
      // A pinned key, as a careful user has it: it is what makes a leaf's entry long.
      ssh: { address, port: 22, user: 'ubuntu', hostKey: `SHA256:${name.replaceAll('-', '').padEnd(43, 'x')}` },
      internalAddress: address,
      externalAddress: address,
      adopt: false,
    },
  ],
});

const leafName = (fleet: string, index: number): string => `${fleet}-${String(index + 1).padStart(4, '0')}`;

/** Two fleets of one world have no address in common. */
const networkOf = (fleet: string): number => hashOf(fleet) % 200;

const leafAt = (fleet: string, index: number): Cluster =>
  clusterAt(leafName(fleet, index), 'leaf', `10.${networkOf(fleet)}.${index >> 8}.${index & 255}`);

export const hubName = (fleet: string): string => `${fleet}-hub`;

type Shape = Pick<FleetOptions, 'fail' | 'mode' | 'concurrency' | 'canary'>;

/** One hub and so many leaves. As many leaves may fail as are made to. */
export const fleetTopology = (name: string, leaves: number, { fail, mode, concurrency, canary }: Shape): Topology => ({
  name,
  broker: clusterAt(hubName(name), 'broker', `10.${networkOf(name)}.100.1`),
  leaves: Array.from({ length: leaves }, (_, index) => leafAt(name, index)),
  link: mode === 'direct' ? { mode } : { mode, gateway: { exposure: 'loadBalancer', port: 4143, probePort: 4191 } },
  nats: {
    subject: 'test.messages',
    publishEverySeconds: 5,
    edge: 'nodePort',
    clientNodePort: 30_422,
    leafNodePort: 30_722,
    images: { server: SERVER_IMAGE, box: BOX_IMAGE },
  },
  k3s: { version: K3S_VERSION, clusterCidr: '10.42.0.0/16', serviceCidr: '10.43.0.0/16' },
  linkerd: { version: LINKERD_VERSION },
  approvals: [],
  rollout: { concurrency, canary, maxFailures: String(Math.max(fail, Math.floor(leaves / 10))) },
  artifacts: { from: 'bundle', folder: '/nonexistent/fleet-double' },
});

/** Names of leaves with a fault of their host, evenly over the fleet, each kind of fault in turn. */
export function failingLeaves(fleet: string, leaves: number, fail: number): Map<string, Fault> {
  const at = (nth: number): string => leafName(fleet, Math.floor(((nth + 0.5) * leaves) / fail));
  return new Map(
    Array.from({ length: fail }, (_, nth): [string, Fault] => [at(nth), FAULTS[nth % FAULTS.length] ?? 'unreachable']),
  );
}
