import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { MeshLab } from '../support/mesh-lab.js';
import { ALL_PASS } from '../support/system-lab.js';
import { clusterListing, hostListing, without } from './listings.js';
import { installAsOwner } from './owner.js';

const HOSTS = ['vm-a', 'vm-b'];
const MINUTES = 60_000;

/** What leafspan adds to a host and a cluster that stay their owner's, and what K3s adds for its pods. */
const OURS = [
  /^(dir|file|sum) \/var\/lib\/leafspan(\/| |$)/,
  /^(file|sum) \/usr\/local\/bin\/(helm|nats|step) /,
  /^(file|sum) \/home\/ubuntu\/\.kube\/config-external /,
  /^(file|sum) \/var\/lib\/rancher\/k3s\/agent\/images\/nats(-box)?\.tar /,
  /^image (docker\.io\/(library\/nats|natsio\/nats-box):|sha256:)/,
  /^\S+ nats-system\//,
  /^Namespace \/nats-system /,
  // Of a Service.
  /^IPAddress \//,
  /^(file|sum) \/var\/lib\/cni\/(networks|results)\//,
  /^pod [0-9a-f-]{36}$/,
  /^(interface veth|netns cni-)/,
  /^(iptables|ip6tables) .*(nats-system|cbr0|CNI-|KUBE-)/,
];

const isTheirs = (line: string): boolean => !OURS.some((pattern) => pattern.test(line));

/** On bare hosts, on which `keepForOwner` has put aside what an owner needs. */
export function adoption(lab: MeshLab): void {
  const listing = (host: string): string[] => [...hostListing(lab.on, host), ...clusterListing(lab.on, host)];
  const listings = (): string[][] => HOSTS.map(listing);
  const topology = (name: string, mode: 'direct' | 'mesh', adopt: boolean): string => {
    const { broker, leaves } = lab.written();
    const of = (cluster: { hosts: object[] }) => ({
      ...cluster,
      hosts: cluster.hosts.map((host) => ({ ...host, adopt })),
    });
    return lab.topologyWith(name, { broker: of(broker), leaves: leaves.map(of), link: { mode } });
  };
  let theirs: string[][];

  test(
    'an owner installs another release of K3s on both hosts, with a program, and on one a Linkerd',
    async () => {
      await installAsOwner(lab);
      theirs = listings();
      expect(theirs.flat()).toEqual(
        expect.arrayContaining([expect.stringMatching(/^Deployment linkerd\/linkerd-identity /)]),
      );
    },
    10 * MINUTES,
  );

  test(
    'without adopt their K3s is refused, and in link mode mesh their Linkerd; nothing is changed',
    async () => {
      const refused = async (file: string): Promise<string> => (await lab.cli.run('plan', '-f', file)).stderr;
      expect(await refused(topology('plain', 'direct', false))).toContain('HOST_FOREIGN');
      expect(await refused(topology('meshed', 'mesh', true))).toContain('OBJECT_FOREIGN');
      expect(listings()).toEqual(theirs);
    },
    10 * MINUTES,
  );

  test(
    "adopted, both keep all that was theirs, byte for byte, and get no more than what is leafspan's",
    async () => {
      const adopting = topology('adopting', 'direct', true);
      expect(await lab.provision(adopting)).toMatchObject({ state: 'done', checks: ALL_PASS });
      const now = listings();
      expect(now.map((lines, index) => without(theirs[index] ?? [], lines))).toEqual([[], []]);
      expect(now.map((lines, index) => without(lines, theirs[index] ?? []).filter(isTheirs))).toEqual([[], []]);
      expect((await lab.plan(adopting)).code).toBe(0);
    },
    10 * MINUTES,
  );

  test(
    'a teardown leaves both as they were',
    async () => {
      await lab.cli.mustRun('teardown', lab.name, '--yes');
      // Its controllers take the rules of pods away when the pods are gone.
      const isAsBefore = (): boolean => JSON.stringify(listings()) === JSON.stringify(theirs);
      for (let tries = 0; tries < 20 && !isAsBefore(); tries += 1) await sleep(1_000);
      expect(listings()).toEqual(theirs);
    },
    10 * MINUTES,
  );
}
