import { claimRefusal, type Claimant, type ClaimRefusal } from './claim.js';
import { hasK3s, hostState, NO_UNIT, type HostFacts } from './facts.js';
import { K3S_BINARY } from './paths.js';
import type { Host } from '../../contract/topology/topology.js';

/** Something that forbids the run, found before anything was touched. */
export interface PreflightProblem {
  host: string;
  code:
    | 'PREFLIGHT_FAILED'
    | 'HOST_FOREIGN'
    | 'CLAIM_MISSING'
    | 'SSH_FORWARDING_FORBIDDEN'
    | 'K3S_VERSION_DIFFERS'
    | ClaimRefusal['code'];
  message: string;
  remedy: string;
}

export type HostRefusal = Omit<PreflightProblem, 'host'>;

/** Clock difference above which TLS between the hosts fails. */
const MAX_CLOCK_OFFSET_MS = 30_000;
/** Smallest host that K3s documents for a server, rounded down for what the kernel keeps. */
const MIN_MEMORY_MB = 900;
/** Binary, images unpacked, datastore; with room to work. */
const MIN_DISK_FREE_MB = 3_000;
/** With less free than that, K3s evicts pods and starts no new ones. */
const EVICTION_SHARE = 0.05;
/** Files of K3s, of images unpacked, and of the datastore. */
const MIN_INODES_FREE = 50_000;
const ARCHES = ['amd64', 'arm64'];

/** @param writtenMb what will be sent to the host and unpacked there */
export function problemsOf(facts: HostFacts, host: Host, claimant: Claimant, writtenMb = 0): PreflightProblem[] {
  const problem = (
    message: string,
    remedy: string,
    code: PreflightProblem['code'] = 'PREFLIGHT_FAILED',
  ): PreflightProblem => ({
    host: host.name,
    code,
    message,
    remedy,
  });
  const state = hostState(facts, claimant.topology);
  // On a host that is half made, some of it is there already.
  const diskMb = diskNeededMb(facts, state === 'none' ? writtenMb : 0);
  const offsetSeconds = Math.round(facts.clockOffsetMs / 1000);
  return [
    ...ofOthers(facts, host, claimant).map(({ message, remedy, code }) => problem(message, remedy, code)),
    ...(ARCHES.includes(facts.arch)
      ? []
      : [problem(`architecture "${facts.arch}" is not supported`, 'use an amd64 or arm64 host')]),
    ...(Math.abs(facts.clockOffsetMs) <= MAX_CLOCK_OFFSET_MS
      ? []
      : [problem(`clock is ${offsetSeconds} s off`, 'set the clock, for example: sudo timedatectl set-ntp true')]),
    ...(facts.memoryMb >= MIN_MEMORY_MB
      ? []
      : [problem(`${facts.memoryMb} MiB of memory, ${MIN_MEMORY_MB} MiB needed`, 'use a larger host')]),
    ...(state === 'ours' ? [] : diskProblems(facts, diskMb)).map((each) => problem(...each)),
    ...kernelProblems(facts, host).map((each) => problem(...each)),
    ...(state === 'none' ? portProblems(facts) : []).map((each) => problem(...each)),
    ...facts.reach
      .filter((reach) => reach.state === 'filtered' && reach.optional !== true)
      .map((reach) =>
        problem(
          `no response from ${reach.address}:${reach.port}`,
          `open port ${reach.port} towards this host in the firewall of ${reach.address}`,
        ),
      ),
  ];
}

const diskProblems = (facts: HostFacts, diskMb: number): [message: string, remedy: string][] => [
  ...(facts.diskFreeMb >= diskMb
    ? []
    : [
        [`${facts.diskFreeMb} MiB free in /var/lib, ${diskMb} MiB needed`, 'free disk space on the host'] as [
          string,
          string,
        ],
      ]),
  ...(facts.inodes === 0 || facts.inodesFree >= inodesNeeded(facts)
    ? []
    : [
        [
          `${facts.inodesFree} inodes free in /var/lib, ${inodesNeeded(facts)} needed`,
          'remove small files on the host (df -i shows the file system), or use a larger one',
        ] as [string, string],
      ]),
];

const portProblems = ({ vxlanTaken, portsTaken }: HostFacts): [message: string, remedy: string][] => [
  ...(vxlanTaken
    ? [
        ['UDP port 8472 is taken', "free it: K3s's network needs it; who holds it: sudo ss -lunp 'sport = :8472'"] as [
          string,
          string,
        ],
      ]
    : []),
  ...portsTaken.map((port): [string, string] => [
    `port ${port} is taken`,
    `free it; who holds it: sudo ss -ltnp 'sport = :${port}'`,
  ]),
];

const kernelProblems = (
  { memoryCgroupOff, missing, noModules, readOnly, noExec }: HostFacts,
  { adopt }: Host,
): [message: string, remedy: string][] => [
  ...(memoryCgroupOff
    ? [
        [
          'the memory cgroup is disabled',
          'add cgroup_enable=memory cgroup_memory=1 to the kernel command line (Raspberry Pi: /boot/firmware/cmdline.txt) and reboot',
        ] as [string, string],
      ]
    : []),
  // A K3s that was there before may have another network.
  ...(adopt ? [] : noModules).map((name): [string, string] => [
    `the kernel has no module ${name}, which K3s's network needs`,
    'install the extra modules of the kernel (Ubuntu: linux-modules-extra-$(uname -r)), and reboot',
  ]),
  ...readOnly.map((path): [string, string] => [
    `${path} is read-only`,
    'mount it writable; K3s cannot be installed on an image that forbids it',
  ]),
  ...noExec.map((path): [string, string] => [
    `nothing can be run from ${path}: it is mounted with noexec`,
    'mount it with exec: sudo mount -o remount,exec $(findmnt -no TARGET -T ' + path + '), and in /etc/fstab',
  ]),
  ...missing.map((name): [string, string] => [`${name} is missing`, 'install it or use another image']),
];

const diskNeededMb = ({ diskSizeMb }: HostFacts, writtenMb: number): number =>
  Math.max(MIN_DISK_FREE_MB, Math.ceil(diskSizeMb * EVICTION_SHARE) + writtenMb);

/** As for disk space: with less than 5 % K3s evicts pods. */
const inodesNeeded = ({ inodes }: HostFacts): number => Math.max(MIN_INODES_FREE, Math.ceil(inodes * EVICTION_SHARE));

/** A host of others: claimed by them, or with a Kubernetes that leafspan did not install and that cannot be adopted. */
function ofOthers(facts: HostFacts, host: Host, claimant: Claimant): HostRefusal[] {
  const refusal = claimRefusal(facts.claim, claimant);
  if (refusal !== undefined) return [refusal];
  const { k3sVersion, k3sUnit, otherKubernetes } = facts;
  // Whatever is not K3s is never adopted.
  if (otherKubernetes.length > 0)
    return [{ ...notOurs(otherKubernetes, host), remedy: 'remove it, or use another host' }];
  if (facts.claim.state === 'held') return [];
  if (!hasK3s(facts)) return facts.k3sData.length === 0 ? [] : [leftOver(facts.k3sData)];
  const k3s = [
    ...(k3sVersion === undefined ? [] : [`k3s ${k3sVersion}`]),
    ...(k3sUnit === undefined ? [] : [k3sUnit === NO_UNIT ? 'a K3s that runs' : 'k3s.service']),
  ];
  if (!host.adopt) return [notOurs(k3s, host)];
  if (k3sVersion === undefined) return [notAdoptable(`${K3S_BINARY} is not there`)];
  return k3sUnit === 'active'
    ? []
    : [notAdoptable(`k3s.service is ${k3sUnit === undefined || k3sUnit === NO_UNIT ? 'not there' : k3sUnit}`)];
}

/** A K3s was there before us, and the topology does not say that it is to be used. */
export const notOurs = (found: readonly string[], { name }: Pick<Host, 'name'>): HostRefusal => ({
  code: 'HOST_FOREIGN',
  message: `has a Kubernetes that leafspan did not install (${found.join(', ')})`,
  remedy: `remove it, or set adopt: true for host "${name}" in the topology`,
});

/** K3s starts with whatever datastore it finds, workloads included. */
const leftOver = (found: readonly string[]): HostRefusal => ({
  code: 'HOST_FOREIGN',
  message: `has data of an earlier K3s: ${found.join(', ')}`,
  remedy: 'when nobody needs it any more: sudo rm -r /var/lib/rancher/k3s/server; otherwise use another host',
});

/** Only a K3s server that works is adopted. */
export const notAdoptable = (why: string): HostRefusal => ({
  code: 'HOST_FOREIGN',
  message: `has a K3s that cannot be adopted: ${why}`,
  remedy: 'start it, or remove it: sudo journalctl -u k3s -n 50',
});
