[ -x /usr/local/bin/linkerd ] && /usr/local/bin/linkerd version --client --short || true
