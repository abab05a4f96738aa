/usr/local/bin/linkerd install --crds --ignore-cluster -o json
