
echo "epochNs=$(date +%s%N)"
. /etc/os-release; echo "os=$PRETTY_NAME"
echo "arch=$(uname -m)"
echo "cpus=$(nproc)"
awk '/^MemTotal:/ {printf "memoryMb=%d\n", $2/1024}' /proc/meminfo
echo "diskFreeMb=$(df -Pm /var/lib | awk 'NR==2 {print $4}')"
getent hosts "$(hostname)" >/dev/null && echo nameResolves=yes || echo nameResolves=no
grep -qw overlay /proc/filesystems || modprobe -qn overlay || echo "missing=kernel feature overlay"
grep -qs memory /proc/cgroups /sys/fs/cgroup/cgroup.controllers || echo "missing=memory cgroup"
for tool in systemctl iptables sha256sum; do command -v $tool >/dev/null || echo "missing=command $tool"; done
line() { head -c 4096 "$1" | tr '\n\0' '  '; }
if [ -e /var/lib/leafspan/claim.json ]; then echo "claim=$(line /var/lib/leafspan/claim.json)"
elif [ -e /var/lib/leafspan/owner ]; then
  echo "owner=$(line /var/lib/leafspan/owner)"
  if [ -e /var/lib/leafspan/adopted ]; then echo ownerAdopted=yes; fi
fi
[ -x /usr/local/bin/k3s ] && echo "k3sVersion=$(/usr/local/bin/k3s --version 2>/dev/null | awk 'NR==1 {print $3}')"
[ -e /etc/systemd/system/k3s.service ] && echo "k3sUnit=$(systemctl is-active k3s.service)"
for unit in k3s-agent rke2-server rke2-agent kubelet k0scontroller k0sworker microk8s.daemon-kubelite snap.microk8s.daemon-kubelite; do
  [ -e "/etc/systemd/system/$unit.service" ] || [ -e "/lib/systemd/system/$unit.service" ] && echo "otherKubernetes=$unit.service"
done
[ -d /etc/kubernetes/manifests ] && echo "otherKubernetes=/etc/kubernetes/manifests"
listening=$(ss -Hltn 2>/dev/null | awk '{n=split($4,a,":"); print a[n]}' | sort -un)
for port in 6443 10250; do grep -qx "$port" <<<"$listening" && echo "portTaken=$port"; done

reach() {
  local reply; reply=$(timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2" 2>&1); local code=$?
  if [ $code = 0 ]; then echo "reach=$1 $2 open"
  elif [[ $reply == *refused* ]]; then echo "reach=$1 $2 refused"
  else echo "reach=$1 $2 filtered"; fi
}
reach 192.0.2.10 30722 &
reach 192.0.2.10 6443 &
wait


