# change /etc/rancher/k3s/config.yaml

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

# restart unit k3s.service
systemctl --no-block restart k3s.service; rm -f /var/lib/leafspan/k3s-not-restarted
