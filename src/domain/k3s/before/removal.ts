import { quote } from '../../hosts/quote.js';
import { BEFORE_FUNCTIONS, restoreConfigurationScript } from './record.js';
import { ADDRESS_SETS_FUNCTION, PACKET_FILTER_FUNCTION } from './packet-filter.js';
import {
  FAMILIES,
  INTERFACES,
  K3S_DIRECTORIES,
  K3S_FILES,
  K3S_LINKS,
  KUBELET_LOGS,
  MOUNTS,
  SHARED_DIRECTORIES,
} from './places.js';

const list = (paths: readonly string[]): string => paths.map(quote).join(' ');

/**
 * Processes of K3s and of its pods, also where its directory is a link. A cluster in a container, as of k3d or minikube, has
 * process ids and control groups of its own, below those of the container. A network that still has processes when those of
 * K3s are gone is that of a container of others.
 */
const PROCESSES = `
top=$(sed -n 's|^[0-9]*:[^:]*:\\(.*\\)/init\\.scope$|\\1|p' /proc/1/cgroup | head -n 1)
here() { while read -r pid; do if [ "/proc/$pid/ns/pid" -ef /proc/self/ns/pid ]; then echo "$pid"; fi; done; }
in_use() { [ -n "$(ip netns pids "$1" 2>/dev/null)" ]; }
data=$(readlink -f /var/lib/rancher/k3s/data); [ -n "$data" ] || data=/var/lib/rancher/k3s/data
processes() {
  pgrep -f "$data/|/var/lib/rancher/k3s/data/|^/usr/local/bin/k3s " | here
  grep -lsE "^[0-9]+:[^:]*:$top/kubepods(/|\\.slice)" /proc/[0-9]*/cgroup | cut -d/ -f3
}
mounts() { awk '$2 ~ "${MOUNTS}" {print $2}' /proc/self/mounts | sort -r | while IFS= read -r mount; do was_mounted "$mount" || { [[ $mount == /run/netns/* ]] && in_use "\${mount##*/}"; } || echo "$mount"; done; }
interfaces() { ls /sys/class/net | grep -E ${quote(INTERFACES)} | while read -r link; do was_up "$link" || echo "$link"; done; }
`;

/**
 * Removes a K3s that leafspan installed, and nothing that was there before the claim. K3s's own uninstaller is not used: it
 * drops every rule whose text has "CNI-" or "flannel" in it, and CNI files of others. Safe on a host where any part is missing.
 */
export const removeK3sScript = `${BEFORE_FUNCTIONS}${PACKET_FILTER_FUNCTION}${ADDRESS_SETS_FUNCTION}${PROCESSES}
if [ -e /etc/systemd/system/k3s.service ]; then
  timeout 60 systemctl stop k3s.service 2>/dev/null || systemctl kill -s KILL k3s.service 2>/dev/null
  systemctl disable -q k3s.service 2>/dev/null
fi
for round in 1 2 3; do for pid in $(processes); do kill -9 "$pid" 2>/dev/null; done; done
mounts | while IFS= read -r mount; do umount -fl "$mount"; done
interfaces | while read -r link; do ip link delete "$link"; done
ip netns list 2>/dev/null | awk '/^cni-/ {print $1}' | while read -r space; do was_there "/run/netns/$space" || in_use "$space" || ip netns delete "$space"; done
for family in ${FAMILIES.join(' ')}; do
  rules=$(own_rules $family); [ -z "$rules" ] || printf '%s\\n' "$rules" | $family-restore --noflush
done
own_sets | while read -r set; do "$ipset" destroy "$set"; done
for link in ${list(K3S_LINKS)}; do [ -L "$link" ] && [ "$(readlink "$link")" = k3s ] && ! was_there "$link" && rm -f "$link"; done
# Sockets of our shims, unless the host has a containerd of its own.
command -v containerd >/dev/null || was_there /run/containerd || rm -rf /run/containerd
mountpoint -q /run/netns && ! was_there /run/netns && [ -z "$(ls -A /run/netns)" ] && umount /run/netns
${restoreConfigurationScript.trim()}
for path in ${list([...K3S_FILES, ...K3S_DIRECTORIES, ...KUBELET_LOGS])}; do clear "$path"; done
for directory in ${list(SHARED_DIRECTORIES)}; do was_there "$directory" || { [ -d "$directory" ] && find "$directory" -xdev -depth -type d -empty -delete 2>/dev/null; }; done
systemctl daemon-reload; systemctl reset-failed k3s.service 2>/dev/null
true
`;

/** Prints one line for each thing of K3s that is on the host and was not there before; no line proves absence. */
export const remainsScript = `${BEFORE_FUNCTIONS}${PACKET_FILTER_FUNCTION}${ADDRESS_SETS_FUNCTION}${PROCESSES}
for path in ${list([...K3S_FILES, ...K3S_DIRECTORIES, ...KUBELET_LOGS])}; do left "$path"; done
systemctl list-units --all --plain --no-legend 'k3s*' 2>/dev/null | awk '{print "unit " $1}'
for pid in $(processes); do echo "process $pid $(tr '\\0' ' ' < /proc/$pid/cmdline 2>/dev/null | cut -d' ' -f1)"; done
mounts | sed 's/^/mount /'
interfaces | sed 's/^/interface /'
for family in ${FAMILIES.join(' ')}; do own_rules $family | grep -cE '^-[DX] ' | awk -v f=$family '$1 > 0 {print f " " $1 " rules"}'; done
own_sets | sed 's/^/set /'
true
`;

export const parseRemains = (output: string): string[] => output.split('\n').filter((line) => line !== '');
