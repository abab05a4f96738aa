/usr/local/bin/k3s ctr -n k8s.io images rm 'docker.io/library/nats:2.15.2-alpine' 'sha256:9' >/dev/null
