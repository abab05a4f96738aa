import { hostState, type HostFacts } from './facts.js';
import type { Host } from '../../contract/topology.js';

/** Something that forbids the run, found before anything was touched. */
export interface PreflightProblem {
  host: string;
  code: 'PREFLIGHT_FAILED' | 'HOST_FOREIGN' | 'HOST_LOCKED';
  message: string;
  remedy: string;
}

/** Clock difference above which TLS between the hosts fails. */
const MAX_CLOCK_OFFSET_MS = 30_000;
/** Smallest host that K3s documents for a server, rounded down for what the kernel keeps. */
const MIN_MEMORY_MB = 900;
/** Binary, images unpacked, datastore; with room to work. */
const MIN_DISK_FREE_MB = 3_000;
const ARCHES = ['amd64', 'arm64'];

export function problemsOf(facts: HostFacts, host: Host, topology: string): PreflightProblem[] {
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
  const state = hostState(facts, topology);
  const offsetSeconds = Math.round(facts.clockOffsetMs / 1000);
  return [
    ...foreign(facts, host, topology, state === 'foreign' && !host.adopt, problem),
    ...(ARCHES.includes(facts.arch)
      ? []
      : [problem(`architecture "${facts.arch}" is not supported`, 'use an amd64 or arm64 host')]),
    ...(Math.abs(facts.clockOffsetMs) <= MAX_CLOCK_OFFSET_MS
      ? []
      : [problem(`clock is ${offsetSeconds} s off`, 'set the clock, for example: sudo timedatectl set-ntp true')]),
    ...(facts.memoryMb >= MIN_MEMORY_MB
      ? []
      : [problem(`${facts.memoryMb} MiB of memory, ${MIN_MEMORY_MB} MiB needed`, 'use a larger host')]),
    ...(state === 'ours' || facts.diskFreeMb >= MIN_DISK_FREE_MB
      ? []
      : [
          problem(
            `${facts.diskFreeMb} MiB free in /var/lib, ${MIN_DISK_FREE_MB} MiB needed`,
            'free disk space on the host',
          ),
        ]),
    ...facts.lacks.map((lack) => problem(`${lack} is missing`, 'install it or use another image')),
    ...(state === 'none'
      ? facts.portsTaken.map((port) =>
          problem(`port ${port} is taken`, `free it; who holds it: sudo ss -ltnp 'sport = :${port}'`),
        )
      : []),
    ...facts.reach
      .filter((reach) => reach.state === 'filtered')
      .map((reach) =>
        problem(
          `no answer from ${reach.address}:${reach.port}`,
          `open port ${reach.port} towards this host in the firewall of ${reach.address}`,
        ),
      ),
  ];
}

function foreign(
  facts: HostFacts,
  host: Host,
  topology: string,
  refused: boolean,
  problem: (message: string, remedy: string, code: PreflightProblem['code']) => PreflightProblem,
): PreflightProblem[] {
  if (!refused) return [];
  if (facts.owner !== undefined && facts.owner !== topology)
    return [
      problem(`belongs to topology "${facts.owner}"`, `tear that one down first, or use another host`, 'HOST_LOCKED'),
    ];
  const found = [
    ...facts.otherKubernetes,
    ...(facts.k3sVersion === undefined ? [] : [`k3s ${facts.k3sVersion}`]),
    ...(facts.k3sUnit === undefined ? [] : ['k3s.service']),
  ];
  return [
    problem(
      `has a Kubernetes that leafspan did not install (${found.join(', ')})`,
      `remove it, or set adopt: true for host "${host.name}" in the topology`,
      'HOST_FOREIGN',
    ),
  ];
}
