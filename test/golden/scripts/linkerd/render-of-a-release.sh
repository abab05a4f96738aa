
release=$([ -x /usr/local/bin/linkerd ] && /usr/local/bin/linkerd version --client --short || true)
[ "$release" = 'edge-26.8.3' ] || { echo "$release"; exit 45; }
/usr/local/bin/linkerd install --crds --ignore-cluster -o json
