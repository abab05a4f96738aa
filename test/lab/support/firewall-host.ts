import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { hubScope } from '../../../src/contract/topology/scope.js';
import type { Cluster, Host } from '../../../src/contract/topology/topology.js';
import { firewall } from '../../../src/parts/host/firewall.js';
import { fakePorts } from '../../support/fakes/ports.js';
import { siteOf } from '../../support/parts/site.js';
import { hostNamed, twoClusters } from '../../support/topologies.js';
import type { LabTopology } from './system-lab.js';
import type { TestLab } from './test-lab.js';

/** The part of the firewall, at work on a lab's vm-a as the hub of a leaf on vm-b. */
export class FirewallHost {
  readonly #lab: TestLab;
  readonly #shell = new SshHostShell({
    knownHosts: { read: () => Promise.resolve(undefined), record: () => Promise.resolve() },
    agentSocket: undefined,
  });

  constructor(lab: TestLab) {
    this.#lab = lab;
  }

  /** Runs a script on vm-a as root. */
  readonly on = (script: string): Promise<string> => this.#lab.ssh('vm-a', `sudo bash -euc '${script}'`);

  /** Does what is due, and returns it. @param leaf where the only leaf is */
  readonly ensure = async (leaf = this.addressOf('vm-b')): Promise<string[]> => {
    const { steps, act } = await firewall.see(this.#site(leaf));
    await act(steps);
    return steps.map(({ verb, object }) => `${verb} ${object}`);
  };

  readonly remove = async (): Promise<string[]> => {
    const { steps, act } = await firewall.seeForRemoval(this.#site(this.addressOf('vm-b')));
    await act(steps);
    return steps.map(({ verb, object }) => `${verb} ${object}`);
  };

  readonly addressOf = (host: 'vm-a' | 'vm-b'): string => {
    const { broker, leaves } = this.#written();
    const hosts = host === 'vm-a' ? broker.hosts : leaves[0]?.hosts;
    return hosts?.[0].ssh.address ?? '';
  };

  #written(): LabTopology {
    return parse(readFileSync(join(this.#lab.options.stateDir, 'topology.yaml'), 'utf8')) as LabTopology;
  }

  #site(leaf: string) {
    const [{ ssh }] = this.#written().broker.hosts;
    const host: Host = { ...hostNamed('vm-a', 'cluster-a', ssh.address), ssh };
    const broker: Cluster = { name: 'cluster-a', role: 'broker', hosts: [host] };
    const leaves: Cluster[] = [{ name: 'cluster-b', role: 'leaf', hosts: [hostNamed('vm-b', 'cluster-b', leaf)] }];
    const topology = twoClusters({ broker, leaves, firewall: 'manage' });
    const ports = { ...fakePorts(), hosts: this.#shell };
    return siteOf(ports, hubScope(topology));
  }
}
