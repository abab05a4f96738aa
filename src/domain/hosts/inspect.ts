import { claimFactsScript } from './claim.js';
import { NO_UNIT } from './facts.js';
import { DATASTORE, K3S_BINARY, K3S_CONFIG_DROP_INS, K3S_CONFIG_FILE } from './paths.js';
import { quote } from './quote.js';
import { reachScript, type ReachTarget } from './reach.js';

/** Bytes of a configuration that are read. */
const MAX_BYTES = 65_536;
/** Seconds that a dead resolver may take. */
const RESOLVER_PATIENCE = 3;
/** Of an earlier K3s; the next one would bring it back to life. */
const K3S_DATA = [DATASTORE, '/var/lib/rancher/k3s/server/tls', '/var/lib/rancher/k3s/server/token'];
/** Where K3s's data is or will be, from the inside: each of them may be a mount, or a link to another disk. */
const DATA_PLACES = ['/var/lib/rancher/k3s/agent/containerd', '/var/lib/rancher/k3s', '/var/lib/rancher', '/var/lib'];
/** What the unit of K3s reads, and what is merged over it. */
const K3S_ENVIRONMENT = ['/etc/default/k3s', '/etc/sysconfig/k3s', '/etc/systemd/system/k3s.service.d/*.conf'];
const FIREWALL_FILES = ['/etc/ufw/user.rules', '/etc/firewalld/zones/*.xml', '/etc/firewalld/direct.xml'];

/** Of services: another Kubernetes, or an agent of K3s. */
const OTHER_UNITS =
  `k3s-agent rke2-server rke2-agent kubelet k0scontroller k0sworker microshift microk8s.daemon-kubelite
  snap.microk8s.daemon-kubelite`.split(/\s+/);
/** RKE2's archive puts its units below /usr/local. */
const UNIT_DIRECTORIES = ['/etc', '/usr/local/lib', '/usr/lib', '/lib'].map((root) => `${root}/systemd/system`);
/** Of a Kubernetes whose units are named otherwise, or gone. */
const OTHER_PLACES = [
  '/etc/kubernetes/manifests',
  '/etc/kubernetes/kubelet.conf',
  '/var/lib/rancher/rke2/server',
  '/var/lib/rancher/rke2/agent',
  '/var/lib/k0s',
  '/var/lib/microshift',
  '/var/snap/microk8s/current',
];
/** UDP, between the hosts of a cluster; K3s's network does not start beside another one that has it. */
const VXLAN_PORT = 8_472;

/** Of two looks at once at one machine this is the same, and of no two machines: clones of one image start at different times. */
const machineScript = `
{ cat /etc/machine-id /proc/sys/kernel/random/boot_id | sha256sum | sed -E 's/^(.{16}).*/machine=\\1/'; } 2>/dev/null
`;

/**
 * Addresses and routes from the kernel's own tables, which need no tool but for those of VPNs, which come before the main one. The operator's address is in the environment that
 * sshd gave to sudo.
 */
const networkScript = `
awk '/\\/32 host LOCAL/ {print "address=" last} {last=$2}' /proc/net/fib_trie | sort -u
awk 'NR > 1 {print "route=" $1, $2, $8}' /proc/net/route
ip -4 route show table all type unicast 2>/dev/null | awk '$1 != "default" && / table / {for (i = 2; i < NF; i++) if ($i == "dev") print "tableRoute=" $(i + 1), $1}'
tr '\\0' '\\n' < /proc/$PPID/environ 2>/dev/null | sed -n 's/^SSH_CLIENT=\\([^ ]*\\) .*/operator=\\1/p'
`;

/** Of K3s's network; where the kernel's modules are not on the host, as in a container, nothing is known. */
const MODULES = ['vxlan', 'br_netfilter', 'nf_conntrack'];

/** Where K3s writes, and what it runs from. */
const placesScript = `
if [ -d "/lib/modules/$(uname -r)" ] && command -v modprobe >/dev/null; then
  for module in ${MODULES.join(' ')}; do [ -d /sys/module/$module ] || modprobe -qn $module || echo "noModule=$module"; done
fi
for path in /etc /usr/local/bin /var/lib; do [ ! -d $path ] || [ -w $path ] || echo "readOnly=$path"; done
for path in /usr/local/bin $data; do findmnt -nro OPTIONS -T $path 2>/dev/null | tail -1 | grep -qw noexec && echo "noExec=$path"; done
`;

/**
 * A firewall by its name, and every range that its rules name. Rules of K3s match something, so they do not count, nor do
 * those of the tables that iptables keeps in nftables.
 */
const firewallScript = `
closedByNft() {
  awk '/^table/ {other = $2 !~ /^ip6?$/ || $3 !~ /^(filter|nat|mangle|raw|security)$/}
    /^\\tchain/ {entry = 0}
    other && /type filter hook (input|forward)/ {entry = 1; if (/policy drop/) closed = 1}
    other && entry && /^\\t\\t((counter|log) .*)?(drop|reject)( |$)/ {closed = 1}
    END {exit !closed}'
}
inRules() { iptables -S "$1" 2>/dev/null | grep -E -- '^-A INPUT -j (DROP|REJECT)|^-A FORWARD -j (DROP|REJECT)|^-P INPUT DROP'; }
if grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then echo firewall=ufw
elif systemctl is-active -q firewalld.service 2>/dev/null; then echo firewall=firewalld
elif [ -n "$(inRules INPUT)$(inRules FORWARD)" ]; then echo firewall=iptables
elif nft list ruleset 2>/dev/null | closedByNft; then echo firewall=nft; fi
{ cat ${FIREWALL_FILES.join(' ')}; iptables -S INPUT; nft list ruleset; } 2>/dev/null | grep -oE '([0-9]+\\.){3}[0-9]+/[0-9]+' | sort -u | sed 's/^/firewallNames=/'
if [ "$(cat /sys/fs/selinux/enforce 2>/dev/null)" = 1 ] && ! ls -d /var/lib/selinux/*/active/modules/*/k3s >/dev/null 2>&1; then echo selinux=yes; fi
`;

/** What of K3s is there, installed or not, and its configuration line by line. */
const k3sScript = `
[ -x ${K3S_BINARY} ] && echo "k3sVersion=$(${K3S_BINARY} --version 2>/dev/null | awk 'NR==1 {print $3}')"
unit=
for directory in ${UNIT_DIRECTORIES.join(' ')}; do
  [ -z "$unit" ] && [ -e "$directory/k3s.service" ] && unit=$(systemctl is-active k3s.service)
done
for pid in $(pgrep -x k3s-server; pgrep -x k3s-agent); do [ -n "$unit" ] || [ ! "/proc/$pid/ns/pid" -ef /proc/self/ns/pid ] || unit=${quote(NO_UNIT)}; done
[ -z "$unit" ] || echo "k3sUnit=$unit"
for path in ${K3S_DATA.join(' ')}; do [ -e $path ] && echo "k3sData=$path"; done
linesOf() { head -c ${MAX_BYTES} "$1" | while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$2$line"; done; }
[ -f ${K3S_CONFIG_FILE} ] && linesOf ${K3S_CONFIG_FILE} k3sConfig=
for file in ${K3S_ENVIRONMENT.join(' ')}; do
  [ -f "$file" ] && grep -v '^[[:space:]]*[#;]' "$file" | grep -oE '\\bK3S_[A-Z_]+=' | sed "s|^\\(.*\\)=|k3sVariable=$file \\1|"
done
for file in ${K3S_CONFIG_DROP_INS}/*.yaml ${K3S_CONFIG_DROP_INS}/*.yml; do [ -f "$file" ] && linesOf "$file" "dropIn=$file "; done
`;

/** A script that prints one `key=value` per line and changes nothing. */
export const inspectScript = (ports: readonly number[], reach: readonly ReachTarget[]): string => `
echo "epochNs=$(date +%s%N)"
. /etc/os-release 2>/dev/null; echo "os=\${PRETTY_NAME:-Linux}"
echo "cpus=$(nproc)"
awk '/^MemTotal:/ {printf "memoryMb=%d\\n", $2/1024}' /proc/meminfo
for data in ${DATA_PLACES.join(' ')}; do [ ! -d $data ] || break; done
df -Pm $data | awk 'NR==2 {print "diskSizeMb=" $2; print "diskFreeMb=" $4}'
df -iP $data | awk 'NR==2 {print "inodes=" $2; print "inodesFree=" $4}'
timeout ${RESOLVER_PATIENCE} getent hosts "$(uname -n)" >/dev/null && echo nameResolves=yes || echo nameResolves=no
grep -qw overlay /proc/filesystems || modprobe -qn overlay || echo "missing=kernel feature overlay"
if [ "$(awk '$1 == "memory" {print $4}' /proc/cgroups)" = 0 ]; then echo memoryCgroup=off
elif [ -e /sys/fs/cgroup/cgroup.controllers ]; then grep -qw memory /sys/fs/cgroup/cgroup.controllers || echo memoryCgroup=off
else grep -qw memory /proc/cgroups || echo memoryCgroup=off; echo cgroupVersion=1; fi
for tool in systemctl sha256sum; do command -v $tool >/dev/null || echo "missing=command $tool"; done
${placesScript.trim()}
${machineScript.trim()}
${networkScript.trim()}
${firewallScript.trim()}
${claimFactsScript.trim()}
${k3sScript.trim()}
for unit in ${OTHER_UNITS.join(' ')}; do
  for directory in ${UNIT_DIRECTORIES.join(' ')}; do
    [ -e "$directory/$unit.service" ] && { echo "otherKubernetes=$unit.service"; break; }
  done
done
for path in ${OTHER_PLACES.join(' ')}; do [ -e $path ] && echo "otherKubernetes=$path"; done
grep -qs '^ *[0-9]*: [0-9A-F]*:${VXLAN_PORT.toString(16).toUpperCase()} ' /proc/net/udp /proc/net/udp6 && echo vxlanTaken=yes
listening=$(awk '$4 == "0A" {sub(".*:", "", $2); print $2}' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
for port in ${ports.join(' ')}; do grep -qx "$(printf %04X $port)" <<<"$listening" && echo "portTaken=$port"; done
${reachScript(...reach)}
`;
