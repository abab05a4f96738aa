
[ -x /usr/local/bin/k3s ] && read -r _ _ version _ < <(/usr/local/bin/k3s --version 2>/dev/null) && echo "version=$version"
if [ -f /etc/systemd/system/k3s.service ]; then
  started=
  while IFS='=' read -r name value; do
    case $name in ActiveState) echo "unit=$value" ;; ExecMainStartTimestamp) started=$value ;; esac
  done < <(TZ=UTC systemctl show -p ActiveState,ExecMainStartTimestamp k3s.service)
  systemctl is-enabled -q k3s.service && echo enabled=yes
  read -r _ day time _ <<<"$started"
  started=$(date -u -d "${day:-1970-01-01} $time" +%s 2>/dev/null || echo 0)
  changed=$(stat -L -c %Y /usr/local/bin/k3s 2>/dev/null || echo 0)
  [ "$changed" -gt "$(date +%s)" ] && changed=0
  [ ! -e /var/lib/leafspan/k3s-not-restarted ] && [ "$((started + 2))" -ge "$changed" ] && echo current=yes
  echo "started=$started"
awk 'FNR == 1 {done = 0; print "certificate=" FILENAME} /-BEGIN CERTIFICATE-/ && !done {on = 1} on {print} \
  /-END CERTIFICATE-/ {on = 0; done = 1}' /var/lib/rancher/k3s/server/tls/*.crt /var/lib/rancher/k3s/agent/*.crt 2>/dev/null
true
fi
[ -f /etc/rancher/k3s/config.yaml ] && { echo "config="; cat /etc/rancher/k3s/config.yaml; }
true

