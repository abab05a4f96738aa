
/usr/local/bin/k3s kubectl --cache-dir /var/lib/leafspan/kubectl -n nats-system exec nats-leaf-0 -c nats -- sh -c 'cat /etc/nats-tls/tls.crt /etc/nats-leaf-client/tls.crt | sha256sum' 2>&1
true

