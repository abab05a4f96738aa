
systemctl show -p ActiveState --value k3s.service
[ -s /etc/rancher/k3s/k3s.yaml ] && echo kubeconfig
true

