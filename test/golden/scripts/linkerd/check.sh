/usr/local/bin/linkerd check --kubeconfig /etc/rancher/k3s/k3s.yaml --expected-version edge-26.8.3 --wait 10s -o json 2>/dev/null
