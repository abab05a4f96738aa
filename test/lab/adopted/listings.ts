import { createHash } from 'node:crypto';
import { SETS_TOOL, type OnHost } from '../support/host-snapshots.js';

/**
 * Files with their checksums, units, packet filter, images, pods' directories and processes. Left out: what K3s and systemd
 * themselves write all the time. The names of chains for pods and policies change when K3s writes them again.
 */
const HOST = `
find /etc /usr/local /opt /root /home /srv /var/lib/leafspan /var/lib/rancher /var/lib/cni -xdev \
  \\( -path /var/lib/rancher/k3s/agent/containerd -o -path /var/lib/rancher/k3s/server/db -o -path /var/lib/rancher/k3s/data \\) -prune -o \
  \\( -type d -printf 'dir %p %m %u:%g\\n' -o -type l -printf 'link %p %l\\n' -o -type f -printf 'file %p %m %u:%g\\n' \\) 2>/dev/null | sort
find /etc /usr/local /opt /root /home /srv /var/lib/leafspan /var/lib/rancher -xdev \
  \\( -path /var/lib/rancher/k3s/agent/containerd -o -path /var/lib/rancher/k3s/server/db -o -path /var/lib/rancher/k3s/data \\) -prune -o \
  -type f -print0 2>/dev/null | xargs -0 sha256sum | awk '{print "sum", $2, $1}' | sort
systemctl list-unit-files --no-legend --plain | awk '{print "unit-file", $1, $2}' | sort
systemctl show k3s -p ActiveEnterTimestamp -p MainPID -p NRestarts
for family in iptables ip6tables; do
  $family-save | grep -E '^(-A|:)' | sed -E "s/ \\[.*//; s/(KUBE-POD-FW|KUBE-NWPLCY)-[A-Z0-9]{16}/\\1/g; s/^/$family /" | sort -u
done
if [ -x ${SETS_TOOL}/ipset ]; then ${SETS_TOOL}/ipset list -n | sed 's/^/set /' | sort; fi
k3s ctr -n k8s.io images list -q | sed 's/^/image /' | sort
ls /var/lib/kubelet/pods | sed 's/^/pod /'
ip -o link show | awk -F': ' '{print "interface", $2}' | sort
ip netns list | sed 's/ .*//; s/^/netns /' | sort
ss -Hltn | awk '{print "listens", $4}' | sort
true
`;

export const hostListing = (on: OnHost, host: string): string[] => on(host, HOST).split('\n');

/** Those that change by themselves. */
const RESTLESS = '^(events|events.events.k8s.io|leases.coordination.k8s.io|componentstatuses)$';
const OBJECTS = `k get "$(k api-resources --verbs=list -o name | grep -vE '${RESTLESS}' | paste -sd,)" -A -o json`;

interface Listed {
  kind: string;
  metadata: { name: string; namespace?: string; uid: string };
}

/** Every object of the cluster with the checksum of all that its owner may set. */
export function clusterListing(on: OnHost, host: string): string[] {
  const { items } = JSON.parse(on(host, OBJECTS)) as { items: Listed[] };
  return items
    .map((object) => {
      const { kind, metadata } = object;
      const { namespace = '', name, uid } = metadata;
      return `${kind} ${namespace}/${name} ${uid} ${sumOf(object)}`;
    })
    .sort();
}

const VOLATILE = new Set(['status', 'resourceVersion', 'managedFields']);

function sumOf(object: Listed): string {
  const settled = JSON.stringify(object, (key, value: unknown) => (VOLATILE.has(key) ? undefined : value));
  return createHash('sha256').update(settled).digest('hex').slice(0, 16);
}

/** Lines of the first that are not in the second. */
export const without = (lines: readonly string[], others: readonly string[]): string[] => {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
};
