
/usr/local/bin/k3s kubectl --cache-dir /var/lib/leafspan/kubectl -n nats-system exec nats-broker-0 -c nats -- sh -c 'sha256sum < /etc/nats/nats.conf; nats-server -t -c /etc/nats/nats.conf' 2>&1
true

