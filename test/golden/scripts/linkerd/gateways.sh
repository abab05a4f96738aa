/usr/local/bin/linkerd multicluster gateways --kubeconfig /etc/rancher/k3s/k3s.yaml -o json 2>/dev/null
