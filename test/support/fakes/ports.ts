import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities, type Activities } from '../../../src/activities/activities.js';
import type { Handover } from '../../../src/activities/handover.js';
import type { Ports } from '../../../src/parts/ports.js';
import type { Artifact } from '../../../src/domain/artifacts/bundle-manifest.js';
import { FakeBundles } from './bundles.js';
import { FakeClock } from './clock.js';
import { FakeHosts } from './hosts.js';
import { FakeCluster } from './kubernetes.js';
import { CountingMint } from './mint.js';
import { FakeNats } from './nats.js';
import { FakeSecrets } from './secrets.js';

const part = (fields: Pick<Artifact, 'kind' | 'name' | 'file'>): Artifact => ({
  version: 'v1.36.3+k3s1',
  arch: 'amd64',
  sha256: 'a'.repeat(64),
  size: 1,
  images: ['nats:1'],
  ...fields,
});

export const ARTIFACTS: Artifact[] = [
  part({ kind: 'k3s', name: 'k3s', file: 'k3s' }),
  part({ kind: 'k3s-install', name: 'install.sh', file: 'install.sh' }),
  part({ kind: 'images', name: 'nats', file: 'nats.tar' }),
  part({ kind: 'cli', name: 'helm', file: 'helm' }),
];

export interface FakePorts extends Ports {
  hosts: FakeHosts;
  kubernetes: FakeCluster;
  secrets: FakeSecrets;
  mint: CountingMint;
  nats: FakeNats;
  clock: FakeClock;
}

export const fakePorts = (changes: Partial<FakePorts> = {}): FakePorts => ({
  hosts: new FakeHosts(),
  kubernetes: new FakeCluster(),
  secrets: new FakeSecrets(),
  mint: new CountingMint(),
  nats: new FakeNats(() => undefined),
  bundles: new FakeBundles({ apiVersion: 'leafspan/bundle/v1', name: 'test', artifacts: ARTIFACTS }),
  clock: new FakeClock(),
  ...changes,
});

/** An attempt of an activity as a worker runs it. */
export class Attempt {
  readonly #env: MockActivityEnvironment;
  readonly heartbeats: string[] = [];
  /** The details of the heartbeats as they travel; the last ones are what the next attempt gets. */
  readonly details: Handover[] = [];
  readonly #activities: Activities;

  constructor(ports: Ports, { after }: { after?: Attempt | Handover } = {}) {
    const heartbeatDetails = after instanceof Attempt ? after.details.at(-1) : after;
    this.#env = new MockActivityEnvironment({ heartbeatDetails }, { logger: new DefaultLogger('ERROR') });
    this.#activities = createActivities(ports);
    this.#env.on('heartbeat', (details: Handover) => {
      this.details.push(details);
      this.heartbeats.push(details.doing);
    });
  }

  run<N extends keyof Activities>(
    name: N,
    ...input: Parameters<Activities[N]>
  ): Promise<Awaited<ReturnType<Activities[N]>>> {
    return this.#env.run(
      this.#activities[name] as unknown as (...args: Parameters<Activities[N]>) => Promise<never>,
      ...input,
    );
  }

  cancel(): void {
    this.#env.cancel('CANCELLED');
  }
}

/** A fresh attempt for a single call. */
export const attempt = <N extends keyof Activities>(
  ports: Ports,
  name: N,
  ...input: Parameters<Activities[N]>
): Promise<Awaited<ReturnType<Activities[N]>>> => new Attempt(ports).run(name, ...input);
