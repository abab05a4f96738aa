/usr/local/bin/k3s kubectl --cache-dir /var/lib/leafspan/kubectl -n nats-system exec nats-leaf-0 -c nats -- nats-server -sl reload=/var/run/nats/nats.pid
