import type { Host } from '../../src/contract/topology/topology.js';
import type { HostFacts } from '../../src/domain/hosts/facts.js';

/** A bare host that is fit. */
export const factsOf = (host: Host): HostFacts => ({
  host: host.name,
  cluster: host.cluster,
  os: 'Debian GNU/Linux 12 (bookworm)',
  arch: 'amd64',
  cpus: 2,
  memoryMb: 2_000,
  diskFreeMb: 20_000,
  diskSizeMb: 32_000,
  clockOffsetMs: 1,
  nameResolves: true,
  memoryCgroupOff: false,
  cgroupV1: false,
  noModules: [],
  readOnly: [],
  noExec: [],
  addresses: ['127.0.0.1', host.internalAddress],
  routes: [],
  firewallNames: [],
  selinuxWithoutPolicy: false,
  missing: [],
  claim: { state: 'none' },
  k3sData: [],
  k3sConfig: [],
  dropIns: [],
  otherKubernetes: [],
  portsTaken: [],
  reach: [],
});
