
[ -x /usr/local/bin/k3s ] && echo "version=$(/usr/local/bin/k3s --version 2>/dev/null | awk 'NR==1 {print $3}')"
if [ -f /etc/systemd/system/k3s.service ]; then
  echo "unit=$(systemctl show -p ActiveState --value k3s.service)"
  systemctl is-enabled -q k3s.service && echo enabled=yes
  pid=$(systemctl show -p MainPID --value k3s.service)
  [ ! -e /var/lib/leafspan/k3s-not-restarted ] && [ "$pid" != 0 ] && [ "$(readlink /proc/$pid/exe)" = "$(readlink -f /usr/local/bin/k3s)" ] && echo current=yes
fi
[ -f /etc/rancher/k3s/config.yaml ] && { echo "config="; cat /etc/rancher/k3s/config.yaml; }
true

