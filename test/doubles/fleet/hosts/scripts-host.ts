import { createHash } from 'node:crypto';
import { claimFactsScript, writeClaimScript, type Claim } from '../../../../src/domain/hosts/claim.js';
import { recordScript } from '../../../../src/domain/k3s/before/record.js';
import { inspectScript } from '../../../../src/domain/hosts/inspect.js';
import { CLAIM_FILE, DATASTORE, K3S_BINARY, K3S_CONFIG_FILE } from '../../../../src/domain/hosts/paths.js';
import { vitalSignsScript } from '../../../../src/domain/diagnosis/vital-signs.js';
import { reachScript, type ReachTarget } from '../../../../src/domain/hosts/reach.js';
import { ownK3sScript } from '../../../../src/domain/k3s/api-state.js';
import { WRITTEN_BY_US } from '../../../../src/domain/k3s/config.js';
import { K3S_PORTS } from '../../../../src/domain/k3s/install.js';
import { serverBehind } from '../nats/nats-end.js';
import type { World } from '../world.js';
import type { HostModel } from './host-model.js';
import { built, exactly, lines, type Understood } from './understood.js';

interface Inspection {
  ports: number[];
  reach: ReachTarget[];
}

const inspectionIn = (script: string): Inspection | undefined => {
  const ports = /^for port in ([\d ]*); do /m.exec(script)?.[1];
  if (ports === undefined) return undefined;
  const reach = [...script.matchAll(/^reach (\S+) (\d+) &$/gm)].map(([, address = '', port]) => ({
    address,
    port: Number(port),
  }));
  return { ports: ports.split(' ').filter(Boolean).map(Number), reach };
};

/** Every other host is there, and what listens on it is not asked for. */
const inspect = (host: HostModel, { ports, reach }: Inspection): string => {
  const { k3s } = host;
  const taken = k3s.state === 'inactive' ? [] : ports.filter((port) => K3S_PORTS.some((own) => own === port));
  return lines(
    `epochNs=${Date.now()}000000`,
    'os=Debian GNU/Linux 12 (bookworm)',
    'cpus=2',
    `memoryMb=${host.fault === 'small' ? 256 : 2_048}`,
    'diskSizeMb=30000',
    'diskFreeMb=20000',
    `machine=${host.name}`,
    'address=127.0.0.1',
    `address=${host.address}`,
    'nameResolves=yes',
    claimFacts(host),
    host.files.has(K3S_BINARY) && `k3sVersion=${host.k3sVersion ?? ''}`,
    k3s.unit !== undefined && `k3sUnit=${k3s.state}`,
    k3s.unit !== undefined && `k3sData=${DATASTORE}`,
    ...(host.text(K3S_CONFIG_FILE)?.split('\n') ?? []).map((line) => `k3sConfig=${line}`),
    ...taken.map((port) => `portTaken=${port}`),
    ...reach.map(({ address, port }) => `reach=${address} ${port} refused`),
  );
};

/** Without the last line's end. */
const claimFacts = (host: HostModel): string => {
  const claim = host.text(CLAIM_FILE)?.trim();
  const machine = `machineId=${createHash('sha256').update(host.name).digest('hex').slice(0, 16)}`;
  return ['arch=x86_64', ...(claim === undefined ? [] : [`claim=${claim}`]), machine].join('\n');
};

interface Written {
  claim: Claim;
  way: 'create' | 'replace';
}

const writtenIn = (script: string): Written | undefined => {
  const json = /^echo '(\{.*\})' > "\$part"/m.exec(script)?.[1];
  if (json === undefined) return undefined;
  return { claim: JSON.parse(json) as Claim, way: /^ln /m.test(script) ? 'create' : 'replace' };
};

/** Firewalls drop and disks fill as the world says; everything else listens as the models say. */
const vitalSigns = (host: HostModel, { troubles }: World): string => {
  const size = 30_000_000;
  const free = Math.round((troubles.disks.get(host.address) ?? 0.6) * size);
  return lines(
    `epochNs=${Date.now() + (troubles.clocks.get(host.address) ?? 0)}000000`,
    `disk=${free} ${size} /var/lib`,
    claimFacts(host),
  );
};

const targetsIn = (script: string): ReachTarget[] | undefined => {
  const targets = [...script.matchAll(/^reach (\S+) (\d+) &$/gm)].map(([, address = '', port]) => ({
    address,
    port: Number(port),
  }));
  return targets.length === 0 ? undefined : targets;
};

const reached = (from: HostModel, { address, port }: ReachTarget, world: World): string => {
  if (!world.passes(from, address, port)) return 'filtered';
  const to = world.hostAt(address);
  const open =
    port === SSH_PORT ||
    (port === API_PORT && to?.k3s.state === 'active') ||
    to?.cluster.gatewayListensAt(port) === true ||
    serverBehind(world, { from, address, port }) !== undefined;
  return open ? 'open' : 'refused';
};

const SSH_PORT = 22;
const API_PORT = 6443;

export const HOST_SCRIPTS: readonly Understood[] = [
  exactly(claimFactsScript, (host) => lines(claimFacts(host))),
  built(
    writtenIn,
    ({ claim, way }) => writeClaimScript(claim, way, recordScript(claim.adopted)),
    (host, { claim }) => {
      host.write(CLAIM_FILE, JSON.stringify(claim));
      return '';
    },
  ),
  exactly(ownK3sScript, (host) =>
    lines(host.text(K3S_CONFIG_FILE)?.startsWith(WRITTEN_BY_US) === true && K3S_CONFIG_FILE),
  ),
  exactly('true', () => ''),
  exactly(vitalSignsScript, vitalSigns),
  built(
    targetsIn,
    (targets) => reachScript(...targets),
    (host, targets, world) =>
      lines(...targets.map((target) => `reach=${target.address} ${target.port} ${reached(host, target, world)}`)),
  ),
  built(inspectionIn, ({ ports, reach }) => inspectScript(ports, reach), inspect),
];
