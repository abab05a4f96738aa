
echo "epochNs=$(date +%s%N)"
. /etc/os-release 2>/dev/null; echo "os=${PRETTY_NAME:-Linux}"
echo "cpus=$(nproc)"
awk '/^MemTotal:/ {printf "memoryMb=%d\n", $2/1024}' /proc/meminfo
for data in /var/lib/rancher/k3s/agent/containerd /var/lib/rancher/k3s /var/lib/rancher /var/lib; do [ ! -d $data ] || break; done
df -Pm $data | awk 'NR==2 {print "diskSizeMb=" $2; print "diskFreeMb=" $4}'
df -iP $data | awk 'NR==2 {print "inodes=" $2; print "inodesFree=" $4}'
timeout 3 getent hosts "$(uname -n)" >/dev/null && echo nameResolves=yes || echo nameResolves=no
grep -qw overlay /proc/filesystems || modprobe -qn overlay || echo "missing=kernel feature overlay"
if [ "$(awk '$1 == "memory" {print $4}' /proc/cgroups)" = 0 ]; then echo memoryCgroup=off
elif [ -e /sys/fs/cgroup/cgroup.controllers ]; then grep -qw memory /sys/fs/cgroup/cgroup.controllers || echo memoryCgroup=off
else grep -qw memory /proc/cgroups || echo memoryCgroup=off; echo cgroupVersion=1; fi
for tool in systemctl sha256sum; do command -v $tool >/dev/null || echo "missing=command $tool"; done
if [ -d "/lib/modules/$(uname -r)" ] && command -v modprobe >/dev/null; then
  for module in vxlan br_netfilter nf_conntrack; do [ -d /sys/module/$module ] || modprobe -qn $module || echo "noModule=$module"; done
fi
for path in /etc /usr/local/bin /var/lib; do [ ! -d $path ] || [ -w $path ] || echo "readOnly=$path"; done
for path in /usr/local/bin $data; do findmnt -nro OPTIONS -T $path 2>/dev/null | tail -1 | grep -qw noexec && echo "noExec=$path"; done
{ cat /etc/machine-id /proc/sys/kernel/random/boot_id | sha256sum | sed -E 's/^(.{16}).*/machine=\1/'; } 2>/dev/null
awk '/\/32 host LOCAL/ {print "address=" last} {last=$2}' /proc/net/fib_trie | sort -u
awk 'NR > 1 {print "route=" $1, $2, $8}' /proc/net/route
ip -4 route show table all type unicast 2>/dev/null | awk '$1 != "default" && / table / {for (i = 2; i < NF; i++) if ($i == "dev") print "tableRoute=" $(i + 1), $1}'
tr '\0' '\n' < /proc/$PPID/environ 2>/dev/null | sed -n 's/^SSH_CLIENT=\([^ ]*\) .*/operator=\1/p'
closedByNft() {
  awk '/^table/ {other = $2 !~ /^ip6?$/ || $3 !~ /^(filter|nat|mangle|raw|security)$/}
    /^\tchain/ {entry = 0}
    other && /type filter hook (input|forward)/ {entry = 1; if (/policy drop/) closed = 1}
    other && entry && /^\t\t((counter|log) .*)?(drop|reject)( |$)/ {closed = 1}
    END {exit !closed}'
}
inRules() { iptables -S "$1" 2>/dev/null | grep -E -- '^-A INPUT -j (DROP|REJECT)|^-A FORWARD -j (DROP|REJECT)|^-P INPUT DROP'; }
if grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then echo firewall=ufw
elif systemctl is-active -q firewalld.service 2>/dev/null; then echo firewall=firewalld
elif [ -n "$(inRules INPUT)$(inRules FORWARD)" ]; then echo firewall=iptables
elif nft list ruleset 2>/dev/null | closedByNft; then echo firewall=nft; fi
{ cat /etc/ufw/user.rules /etc/firewalld/zones/*.xml /etc/firewalld/direct.xml; iptables -S INPUT; nft list ruleset; } 2>/dev/null | grep -oE '([0-9]+\.){3}[0-9]+/[0-9]+' | sort -u | sed 's/^/firewallNames=/'
if [ "$(cat /sys/fs/selinux/enforce 2>/dev/null)" = 1 ] && ! ls -d /var/lib/selinux/*/active/modules/*/k3s >/dev/null 2>&1; then echo selinux=yes; fi
echo "arch=$(uname -m)"
line() { local text; IFS= read -rN 4096 text < "$1" || true; printf '%s' "${text//$'\n'/ }"; }
if [ -e /var/lib/leafspan/claim.json ]; then echo "claim=$(line /var/lib/leafspan/claim.json)"
elif [ -e /var/lib/leafspan/owner ]; then
  echo "owner=$(line /var/lib/leafspan/owner)"
  if [ -e /var/lib/leafspan/adopted ]; then echo ownerAdopted=yes; fi
fi
if grep -qsxE '[0-9a-f]{32}' /etc/machine-id && ! grep -qs ' /etc/machine-id ' /proc/self/mounts; then
  id=$(sha256sum < /etc/machine-id); echo "machineId=${id:0:16}"
fi
[ -x /usr/local/bin/k3s ] && echo "k3sVersion=$(/usr/local/bin/k3s --version 2>/dev/null | awk 'NR==1 {print $3}')"
unit=
for directory in /etc/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
  [ -z "$unit" ] && [ -e "$directory/k3s.service" ] && unit=$(systemctl is-active k3s.service)
done
for pid in $(pgrep -x k3s-server; pgrep -x k3s-agent); do [ -n "$unit" ] || [ ! "/proc/$pid/ns/pid" -ef /proc/self/ns/pid ] || unit='not its unit'; done
[ -z "$unit" ] || echo "k3sUnit=$unit"
for path in /var/lib/rancher/k3s/server/db /var/lib/rancher/k3s/server/tls /var/lib/rancher/k3s/server/token; do [ -e $path ] && echo "k3sData=$path"; done
linesOf() { head -c 65536 "$1" | while IFS= read -r line || [ -n "$line" ]; do printf '%s\n' "$2$line"; done; }
[ -f /etc/rancher/k3s/config.yaml ] && linesOf /etc/rancher/k3s/config.yaml k3sConfig=
for file in /etc/default/k3s /etc/sysconfig/k3s /etc/systemd/system/k3s.service.d/*.conf; do
  [ -f "$file" ] && grep -v '^[[:space:]]*[#;]' "$file" | grep -oE '\bK3S_[A-Z_]+=' | sed "s|^\(.*\)=|k3sVariable=$file \1|"
done
for file in /etc/rancher/k3s/config.yaml.d/*.yaml /etc/rancher/k3s/config.yaml.d/*.yml; do [ -f "$file" ] && linesOf "$file" "dropIn=$file "; done
for unit in k3s-agent rke2-server rke2-agent kubelet k0scontroller k0sworker microshift microk8s.daemon-kubelite snap.microk8s.daemon-kubelite; do
  for directory in /etc/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
    [ -e "$directory/$unit.service" ] && { echo "otherKubernetes=$unit.service"; break; }
  done
done
for path in /etc/kubernetes/manifests /etc/kubernetes/kubelet.conf /var/lib/rancher/rke2/server /var/lib/rancher/rke2/agent /var/lib/k0s /var/lib/microshift /var/snap/microk8s/current; do [ -e $path ] && echo "otherKubernetes=$path"; done
grep -qs '^ *[0-9]*: [0-9A-F]*:2118 ' /proc/net/udp /proc/net/udp6 && echo vxlanTaken=yes
listening=$(awk '$4 == "0A" {sub(".*:", "", $2); print $2}' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
for port in 6443 10250; do grep -qx "$(printf %04X $port)" <<<"$listening" && echo "portTaken=$port"; done

reach() {
  local reply; reply=$(LC_ALL=C timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2" 2>&1); local code=$?
  if [ $code = 0 ]; then echo "reach=$1 $2 open"
  elif [[ $reply == *refused* ]]; then echo "reach=$1 $2 refused"
  else echo "reach=$1 $2 filtered"; fi
}
reach 192.0.2.10 30722 &
reach 192.0.2.10 6443 &
wait


