/usr/local/bin/linkerd multicluster check --kubeconfig /etc/rancher/k3s/k3s.yaml --wait 10s -o json 2>/dev/null
