import type { HostState } from '../../contract/plan.js';
import { claimFactsScript, parseClaim, type ClaimSeen } from './claim.js';
import { parseReach, reachScript, type Reach, type ReachTarget } from './reach.js';

/** What was seen on a host, before anything was changed. */
export interface HostFacts {
  host: string;
  cluster: string;
  os: string;
  /** As the bundle names it: amd64, arm64, or what `uname -m` said. */
  arch: string;
  cpus: number;
  memoryMb: number;
  diskFreeMb: number;
  /** Host clock minus ours. */
  clockOffsetMs: number;
  /** The host's own name resolves; without it every sudo waits for the resolver. */
  nameResolves: boolean;
  /** Kernel features and tools that Kubernetes needs and that are missing on the host. */
  missing: string[];
  claim: ClaimSeen;
  /** What `k3s --version` says. */
  k3sVersion?: string;
  /** State of the unit k3s.service, as systemd names it; absent without the unit. */
  k3sUnit?: string;
  /** Units or directories of another Kubernetes. */
  otherKubernetes: string[];
  /** TCP ports that something listens on. */
  portsTaken: number[];
  reach: Reach[];
}

/** A script that prints one `key=value` per line and changes nothing. */
export const inspectScript = (ports: readonly number[], reach: readonly ReachTarget[]): string => `
echo "epochNs=$(date +%s%N)"
. /etc/os-release; echo "os=$PRETTY_NAME"
echo "arch=$(uname -m)"
echo "cpus=$(nproc)"
awk '/^MemTotal:/ {printf "memoryMb=%d\\n", $2/1024}' /proc/meminfo
echo "diskFreeMb=$(df -Pm /var/lib | awk 'NR==2 {print $4}')"
getent hosts "$(hostname)" >/dev/null && echo nameResolves=yes || echo nameResolves=no
grep -qw overlay /proc/filesystems || modprobe -qn overlay || echo "missing=kernel feature overlay"
grep -qs memory /proc/cgroups /sys/fs/cgroup/cgroup.controllers || echo "missing=memory cgroup"
for tool in systemctl iptables sha256sum; do command -v $tool >/dev/null || echo "missing=command $tool"; done
${claimFactsScript.trim()}
[ -x /usr/local/bin/k3s ] && echo "k3sVersion=$(/usr/local/bin/k3s --version 2>/dev/null | awk 'NR==1 {print $3}')"
[ -e /etc/systemd/system/k3s.service ] && echo "k3sUnit=$(systemctl is-active k3s.service)"
for unit in k3s-agent rke2-server rke2-agent kubelet k0scontroller k0sworker microk8s.daemon-kubelite snap.microk8s.daemon-kubelite; do
  [ -e "/etc/systemd/system/$unit.service" ] || [ -e "/lib/systemd/system/$unit.service" ] && echo "otherKubernetes=$unit.service"
done
[ -d /etc/kubernetes/manifests ] && echo "otherKubernetes=/etc/kubernetes/manifests"
listening=$(ss -Hltn 2>/dev/null | awk '{n=split($4,a,":"); print a[n]}' | sort -un)
for port in ${ports.join(' ')}; do grep -qx "$port" <<<"$listening" && echo "portTaken=$port"; done
${reachScript(...reach)}
`;

const ARCHES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

export function parseFacts(
  host: { name: string; cluster: string },
  output: string,
  clock: { beforeMs: number; afterMs: number },
): HostFacts {
  const lines = output.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    return at < 0 ? [] : [{ key: line.slice(0, at), value: line.slice(at + 1).trim() }];
  });
  const all = (key: string): string[] => lines.filter((line) => line.key === key).map((line) => line.value);
  const one = (key: string): string | undefined => all(key)[0];
  const number = (key: string): number => Number(one(key) ?? Number.NaN);
  const arch = one('arch') ?? 'unknown';
  const optional = { k3sVersion: one('k3sVersion'), k3sUnit: one('k3sUnit') };
  return {
    host: host.name,
    cluster: host.cluster,
    os: one('os') ?? 'unknown',
    arch: ARCHES[arch] ?? arch,
    cpus: number('cpus'),
    memoryMb: number('memoryMb'),
    diskFreeMb: number('diskFreeMb'),
    clockOffsetMs: Math.round(number('epochNs') / 1e6 - (clock.beforeMs + clock.afterMs) / 2),
    nameResolves: one('nameResolves') === 'yes',
    missing: all('missing'),
    claim: parseClaim(output),
    ...(optional.k3sVersion === undefined ? {} : { k3sVersion: optional.k3sVersion }),
    ...(optional.k3sUnit === undefined ? {} : { k3sUnit: optional.k3sUnit }),
    otherKubernetes: all('otherKubernetes'),
    portsTaken: all('portTaken').map(Number),
    reach: parseReach(output),
  };
}

export function hostState({ claim, otherKubernetes, ...facts }: HostFacts, topology: string): HostState {
  if (otherKubernetes.length > 0 || claim.state === 'unreadable') return 'foreign';
  if (claim.state === 'none') return hasK3s(facts) ? 'foreign' : 'none';
  if (claim.claim.topology !== topology) return 'foreign';
  return facts.k3sVersion !== undefined && facts.k3sUnit === 'active' ? 'ours' : 'partial';
}

export const hasK3s = ({ k3sVersion, k3sUnit }: Pick<HostFacts, 'k3sVersion' | 'k3sUnit'>): boolean =>
  k3sVersion !== undefined || k3sUnit !== undefined;
