
[ -x /usr/local/bin/k3s-uninstall.sh ] && timeout 180 /usr/local/bin/k3s-uninstall.sh >/dev/null 2>&1
if [ -e /etc/systemd/system/k3s.service ]; then
  timeout 60 systemctl kill -s KILL k3s.service 2>/dev/null
  systemctl disable -q k3s.service 2>/dev/null
fi
for pid in $(pgrep -f '/var/lib/rancher/k3s/data/|/usr/local/bin/k3s ' || true); do kill -9 "$pid" 2>/dev/null; done
awk '$2 ~ "^(/run/k3s|/var/lib/kubelet|/var/lib/rancher|/run/netns/cni-)" {print $2}' /proc/self/mounts | sort -r | while read -r mount; do umount -fl "$mount"; done
ip -o link show 2>/dev/null | awk -F': ' '{print $2}' | cut -d@ -f1 | grep -E '^(cni0|flannel\.1|flannel-.*)$' | while read -r link; do ip link delete "$link"; done
ip netns list 2>/dev/null | awk '/^cni-/ {print $1}' | while read -r space; do ip netns delete "$space"; done
for family in iptables ip6tables; do
  command -v $family-save >/dev/null || continue
  $family-save 2>/dev/null | grep -qE 'KUBE-|CNI-|flannel|cali-' && $family-save | grep -vE 'KUBE-|CNI-|flannel|cali-' | $family-restore
done
for link in '/usr/local/bin/kubectl' '/usr/local/bin/crictl' '/usr/local/bin/ctr'; do [ -L "$link" ] && [ "$(readlink "$link")" = k3s ] && rm -f "$link"; done
# Sockets of our shims, unless the host has a containerd of its own.
command -v containerd >/dev/null || rm -rf /run/containerd
mountpoint -q /run/netns && [ -z "$(ls -A /run/netns)" ] && umount /run/netns
for directory in '/opt/containerd' '/run/netns' '/usr/libexec/kubernetes'; do [ -d "$directory" ] && find "$directory" -xdev -depth -type d -empty -delete 2>/dev/null; done
rm -rf '/usr/local/bin/k3s' '/usr/local/bin/k3s-killall.sh' '/usr/local/bin/k3s-uninstall.sh' '/etc/systemd/system/k3s.service' '/etc/systemd/system/k3s.service.env' '/etc/systemd/system/multi-user.target.wants/k3s.service' '/etc/rancher' '/var/lib/rancher' '/run/k3s' '/run/flannel' '/var/lib/kubelet' '/var/lib/cni' '/etc/cni' '/opt/cni' '/var/log/pods' '/var/log/containers'
systemctl daemon-reload; systemctl reset-failed k3s.service 2>/dev/null
true

