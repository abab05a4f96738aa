# create /etc/rancher/k3s/config.yaml

mkdir -p "$(dirname /etc/rancher/k3s/config.yaml)" /var/lib/leafspan; touch /var/lib/leafspan/k3s-not-restarted
part=$(mktemp /etc/rancher/k3s/config.yaml.XXXXXX)
cat > "$part" <<'LEAFSPAN_CONFIG'
# written by leafspan; changes are lost at its next run
node-name: vm-a
node-ip: 192.0.2.10
advertise-address: 192.0.2.10
tls-san:
  - 192.0.2.10
disable:
  - traefik
write-kubeconfig-mode: "0600"
secrets-encryption: true
cluster-cidr: 10.42.0.0/16
service-cidr: 10.43.0.0/16
LEAFSPAN_CONFIG
chmod 0600 "$part"; mv -f "$part" /etc/rancher/k3s/config.yaml

# create /etc/systemd/system/k3s.service

proxies=()
while IFS='=' read -r name value || [ -n "$name" ]; do
  name=${name#export }
  case ${name,,} in http_proxy|https_proxy|all_proxy|no_proxy) value=${value#[\"\']}; proxies+=("$name=${value%[\"\']}") ;; esac
done < <(cat /etc/environment 2>/dev/null)
env -i ${proxies[@]+"${proxies[@]}"} PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root   INSTALL_K3S_SKIP_DOWNLOAD=true INSTALL_K3S_SKIP_SELINUX_RPM=true INSTALL_K3S_SKIP_START=true   bash /var/lib/leafspan/k3s-install.sh </dev/null

# start unit k3s.service
systemctl reset-failed k3s.service 2>/dev/null || true; systemctl --no-block start k3s.service; rm -f /var/lib/leafspan/k3s-not-restarted
