
for file in '/usr/local/bin/k3s' '/usr/local/bin/k3s-killall.sh' '/usr/local/bin/k3s-uninstall.sh' '/etc/systemd/system/k3s.service' '/etc/systemd/system/k3s.service.env' '/etc/systemd/system/multi-user.target.wants/k3s.service' '/etc/rancher' '/var/lib/rancher' '/run/k3s' '/run/flannel' '/var/lib/kubelet' '/var/lib/cni' '/etc/cni' '/opt/cni' '/var/log/pods' '/var/log/containers'; do [ -e "$file" ] && echo "file $file"; done
systemctl list-units --all --plain --no-legend 'k3s*' 2>/dev/null | awk '{print "unit " $1}'
pgrep -af '/var/lib/rancher/k3s/data/|^/usr/local/bin/k3s ' | awk '{print "process " $1 " " $2}'
awk '$2 ~ "^(/run/k3s|/var/lib/kubelet|/var/lib/rancher|/run/netns/cni-)" {print "mount " $2}' /proc/self/mounts
ip -o link show 2>/dev/null | awk -F': ' '{print $2}' | cut -d@ -f1 | grep -E '^(cni0|flannel\.1)$' | sed 's/^/interface /'
for family in iptables ip6tables; do $family-save 2>/dev/null | grep -cE 'KUBE-|CNI-|flannel|cali-' | awk -v f=$family '$1 > 0 {print f " " $1 " rules"}'; done
true

