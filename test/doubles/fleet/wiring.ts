import { AgeSecretStore } from '../../../src/adapters/secret-store/age-secret-store.js';
import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import { SystemClock } from '../../../src/adapters/clock/system-clock.js';
import type { WorkerEnvironment } from '../../../src/workers/environment.js';
import type { Wiring } from '../../../src/workers/wiring.js';
import { ModelledBundle } from './bundle.js';
import { ModelledKubernetes } from './cluster/kubernetes-access.js';
import { ModelledHosts } from './hosts/host-shell.js';
import { ModelledNats } from './nats/nats-access.js';
import type { World } from './world.js';

/** Hosts, clusters, NATS and the bundle are modelled; keys, certificates and the clock are real. */
export function wireModel(
  world: World,
  { stateDir, sshLimits }: Pick<WorkerEnvironment, 'stateDir' | 'sshLimits'>,
): Wiring {
  const clock = new SystemClock();
  const hosts = new ModelledHosts(world, clock, sshLimits);
  return {
    ports: {
      hosts,
      kubernetes: new ModelledKubernetes(world, hosts, clock),
      secrets: new AgeSecretStore(stateDir),
      mint: new PeculiarMint(),
      nats: new ModelledNats(world, clock),
      bundles: new ModelledBundle(world.mode),
      clock,
    },
    close: () => hosts.close(),
    warm: () => undefined,
  };
}
