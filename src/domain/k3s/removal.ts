import { quote } from '../hosts/quote.js';
const K3S_DIRECTORIES = [
  '/etc/rancher',
  '/var/lib/rancher',
  '/run/k3s',
  '/run/flannel',
  '/var/lib/kubelet',
  '/var/lib/cni',
  '/etc/cni',
  '/opt/cni',
];
/** Directories that another container runtime may use as well: only what is empty goes. */
const SHARED_DIRECTORIES = ['/opt/containerd', '/run/netns', '/usr/libexec/kubernetes'];
const KUBELET_LOGS = ['/var/log/pods', '/var/log/containers'];
const K3S_FILES = [
  ...['k3s', 'k3s-killall.sh', 'k3s-uninstall.sh'].map((name) => `/usr/local/bin/${name}`),
  ...['k3s.service', 'k3s.service.env', 'multi-user.target.wants/k3s.service'].map(
    (name) => `/etc/systemd/system/${name}`,
  ),
];
/** Links of K3s's install script; only links to k3s are ours. */
const K3S_LINKS = ['kubectl', 'crictl', 'ctr'].map((name) => `/usr/local/bin/${name}`);
const RULES = quote('KUBE-|CNI-|flannel|cali-');

const list = (paths: readonly string[]): string => paths.map(quote).join(' ');

/**
 * Removes a K3s that leafspan installed. K3s's own uninstaller goes first. It removes itself and exits with 0 even when it
 * fails, so the script then removes what is left. Safe on a host where any part is missing.
 */
export const removeK3sScript = `
[ -x /usr/local/bin/k3s-uninstall.sh ] && timeout 180 /usr/local/bin/k3s-uninstall.sh >/dev/null 2>&1
if [ -e /etc/systemd/system/k3s.service ]; then
  timeout 60 systemctl kill -s KILL k3s.service 2>/dev/null
  systemctl disable -q k3s.service 2>/dev/null
fi
for pid in $(pgrep -f '/var/lib/rancher/k3s/data/|/usr/local/bin/k3s ' || true); do kill -9 "$pid" 2>/dev/null; done
awk '$2 ~ "^(/run/k3s|/var/lib/kubelet|/var/lib/rancher|/run/netns/cni-)" {print $2}' /proc/self/mounts | sort -r | while read -r mount; do umount -fl "$mount"; done
ip -o link show 2>/dev/null | awk -F': ' '{print $2}' | cut -d@ -f1 | grep -E '^(cni0|flannel\\.1|flannel-.*)$' | while read -r link; do ip link delete "$link"; done
ip netns list 2>/dev/null | awk '/^cni-/ {print $1}' | while read -r space; do ip netns delete "$space"; done
for family in iptables ip6tables; do
  command -v $family-save >/dev/null || continue
  $family-save 2>/dev/null | grep -qE ${RULES} && $family-save | grep -vE ${RULES} | $family-restore
done
for link in ${list(K3S_LINKS)}; do [ -L "$link" ] && [ "$(readlink "$link")" = k3s ] && rm -f "$link"; done
# Sockets of our shims, unless the host has a containerd of its own.
command -v containerd >/dev/null || rm -rf /run/containerd
mountpoint -q /run/netns && [ -z "$(ls -A /run/netns)" ] && umount /run/netns
for directory in ${list(SHARED_DIRECTORIES)}; do [ -d "$directory" ] && find "$directory" -xdev -depth -type d -empty -delete 2>/dev/null; done
rm -rf ${list([...K3S_FILES, ...K3S_DIRECTORIES, ...KUBELET_LOGS])}
systemctl daemon-reload; systemctl reset-failed k3s.service 2>/dev/null
true
`;

/** Prints one line for each thing of K3s that is on the host; no line proves absence. */
export const remainsScript = `
for file in ${list([...K3S_FILES, ...K3S_DIRECTORIES, ...KUBELET_LOGS])}; do [ -e "$file" ] && echo "file $file"; done
systemctl list-units --all --plain --no-legend 'k3s*' 2>/dev/null | awk '{print "unit " $1}'
pgrep -af '/var/lib/rancher/k3s/data/|^/usr/local/bin/k3s ' | awk '{print "process " $1 " " $2}'
awk '$2 ~ "^(/run/k3s|/var/lib/kubelet|/var/lib/rancher|/run/netns/cni-)" {print "mount " $2}' /proc/self/mounts
ip -o link show 2>/dev/null | awk -F': ' '{print $2}' | cut -d@ -f1 | grep -E '^(cni0|flannel\\.1)$' | sed 's/^/interface /'
for family in iptables ip6tables; do $family-save 2>/dev/null | grep -cE ${RULES} | awk -v f=$family '$1 > 0 {print f " " $1 " rules"}'; done
true
`;

export const parseRemains = (output: string): string[] => output.split('\n').filter((line) => line !== '');
