import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { hostKeyFingerprint, knownHostsLine } from './host-identity.js';
import type { HostNames, LabNames } from './lab-names.js';

interface Written {
  artifacts?: { bundle?: string };
}

/** The bundle that the lab's topology names, if it names one. */
export function bundleInTopology(names: LabNames): string | undefined {
  if (!existsSync(names.topologyFile)) return undefined;
  const written = parse(readFileSync(names.topologyFile, 'utf8')) as Written | null;
  return written?.artifacts?.bundle;
}

/** An ordinary topology and the host keys: nothing that reads them can tell that these are lab hosts. */
export function writeLabTopology(names: LabNames, hosts: HostNames[], bundleDir: string | undefined): void {
  writeWhole(names.knownHostsFile, hosts.map(knownHostsLine).join(''));
  writeWhole(names.topologyFile, `# written by "lab up"\n${stringify(labTopology(names, hosts, bundleDir))}`);
}

export function labTopology(names: LabNames, hosts: HostNames[], bundleDir: string | undefined): object {
  const [broker, ...leaves] = hosts.map((host) => clusterOn(host, names.keyFile));
  return {
    apiVersion: 'leafspan/v1',
    name: names.name,
    broker,
    leaves,
    link: { mode: 'direct' },
    nats: { subject: 'test.messages', publishEvery: '5s', edge: 'nodePort' },
    ...(bundleDir !== undefined && { artifacts: { bundle: bundleDir } }),
  };
}

function clusterOn(host: HostNames, privateKeyFile: string): object {
  const ssh = { address: host.address, user: 'ubuntu', privateKeyFile, hostKey: hostKeyFingerprint(host) };
  return {
    name: host.cluster,
    hosts: [{ name: host.host, ssh, internalAddress: host.address, externalAddress: host.address }],
  };
}

function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
