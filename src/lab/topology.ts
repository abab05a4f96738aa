import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse, stringify } from 'yaml';
import { writeWhole } from '../local/atomic-file.js';
import { hostKeyFingerprint, knownHostsLine } from './hosts/identity.js';
import { ownBundles, type HostNames, type LabNames } from './names.js';

const READABLE = 0o644;

interface Written {
  artifacts?: { bundle?: string };
  link?: { mode?: string };
  linkerd?: { version?: string };
}

/** What the lab's hosts are fed from. */
export interface Feed {
  bundle?: string | undefined;
  /** The release of Linkerd in it. */
  linkerd?: string | undefined;
}

/** What the lab's topology says, if there is one. */
export function feedInTopology(names: LabNames): Feed {
  if (!existsSync(names.topologyFile)) return {};
  const written = parse(readFileSync(names.topologyFile, 'utf8')) as Written | null;
  const linkerd = written?.link?.mode === 'mesh' ? written.linkerd?.version : undefined;
  return { bundle: written?.artifacts?.bundle, linkerd };
}

/** The bundle that the lab's topology names, unless it is one of those that the lab itself has made. */
export function givenBundle(names: LabNames): string | undefined {
  const { bundle } = feedInTopology(names);
  return bundle === undefined || dirname(bundle) === ownBundles(names) ? undefined : bundle;
}

/** An ordinary topology and the host keys: nothing that reads them can see that these are lab hosts. */
export async function writeLabTopology(names: LabNames, hosts: HostNames[], feed: Feed): Promise<void> {
  await writeWhole(names.knownHostsFile, hosts.map(knownHostsLine).join(''), READABLE);
  const topology = `# written by "lab up"\n${stringify(labTopology(names, hosts, feed))}`;
  await writeWhole(names.topologyFile, topology, READABLE);
}

export function labTopology(names: LabNames, hosts: HostNames[], feed: Feed): object {
  const [broker, ...leaves] = hosts.map((host) => clusterOn(host, names.keyFile));
  return {
    apiVersion: 'leafspan/v1',
    name: names.name,
    broker,
    leaves,
    ...linkOf(feed),
    nats: { subject: 'test.messages', publishEvery: '5s', edge: 'nodePort' },
    ...(feed.bundle !== undefined && { artifacts: { bundle: feed.bundle } }),
  };
}

const linkOf = ({ linkerd }: Feed): object =>
  linkerd === undefined
    ? { link: { mode: 'direct' } }
    : { link: { mode: 'mesh', gateway: { exposure: 'loadBalancer' } }, linkerd: { version: linkerd } };

function clusterOn(host: HostNames, privateKeyFile: string): object {
  const ssh = { address: host.address, user: 'ubuntu', privateKeyFile, hostKey: hostKeyFingerprint(host) };
  return {
    name: host.cluster,
    hosts: [{ name: host.host, ssh, internalAddress: host.address, externalAddress: host.address }],
  };
}
