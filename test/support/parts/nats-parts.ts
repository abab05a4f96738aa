import type { Scope } from '../../../src/contract/topology/scope.js';
import type { Step } from '../../../src/contract/plan.js';
import type { Topology } from '../../../src/contract/topology/topology.js';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { monitorPath } from '../../../src/domain/nats/monitor.js';
import { partNamed } from '../../../src/parts/list.js';
import type { Sight } from '../../../src/parts/part.js';
import { certificates } from '../../../src/parts/pki/certificates.js';
import { confirm } from '../../../src/parts/run-checks.js';
import type { FakeSecrets } from '../fakes/secrets.js';
import { fakePorts, type FakePorts } from '../fakes/ports.js';
import { withApi } from './parts.js';
import { firstLeaf, siteOf } from './site.js';
import { twoClusters } from '../topologies.js';

/** The certificates of two clusters; issuing them takes a while, so tests of a file share them. */
export async function issuedCertificates(topology: Topology = twoClusters()): Promise<FakeSecrets> {
  const ports = fakePorts();
  for (const scope of [hubScope(topology), firstLeaf(topology)]) {
    const { steps, act } = await certificates.see(siteOf(ports, scope));
    await act(steps);
  }
  return ports.secrets;
}

/** Two clusters whose API servers respond; nothing is in them. */
export function emptyClusters(secrets: FakeSecrets, changes: Partial<FakePorts> = {}): FakePorts {
  const ports = withApi(fakePorts({ secrets, ...changes }));
  for (const app of ['nats-broker', 'nats-leaf'] as const)
    ports.kubernetes.onGet(monitorPath(app, 'jsz?accounts=true&streams=true'), 200, { disabled: true });
  return ports;
}

/** One part of a cluster, looked at with fresh eyes each time. */
export class PartUnderTest {
  readonly #ports: FakePorts;
  readonly #scope: Scope;
  readonly #name: string;

  constructor(ports: FakePorts, scope: Scope, name: string) {
    this.#ports = ports;
    this.#scope = scope;
    this.#name = name;
  }

  see(): Promise<Sight> {
    return this.#part.see(siteOf(this.#ports, this.#scope));
  }

  seeForRemoval(): Promise<Sight> {
    return this.#part.seeForRemoval(siteOf(this.#ports, this.#scope));
  }

  /** Looks and does what is due; returns the steps as `verb object`. */
  async provide(): Promise<string[]> {
    const { steps, act } = await this.see();
    await act(steps);
    return named(steps);
  }

  async remove(): Promise<string[]> {
    const { steps, act } = await this.seeForRemoval();
    await act(steps);
    return named(steps);
  }

  confirm(): Promise<void> {
    return confirm(siteOf(this.#ports, this.#scope), this.#part.checks?.(this.#scope) ?? []);
  }

  get #part() {
    return partNamed(this.#scope, this.#name);
  }
}

export const named = (steps: readonly Step[]): string[] => steps.map(({ verb, object }) => `${verb} ${object}`);
