
/usr/local/bin/k3s kubectl --cache-dir /var/lib/leafspan/kubectl -n nats-system exec nats-broker-0 -c nats -- sh -c 'cat /etc/nats-tls/tls.crt | sha256sum' 2>&1
true

