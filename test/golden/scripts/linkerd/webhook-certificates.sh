
[ -d /var/lib/leafspan ] && /usr/local/bin/k3s kubectl --cache-dir /var/lib/leafspan/kubectl -n linkerd get secret linkerd-proxy-injector-k8s-tls linkerd-sp-validator-k8s-tls linkerd-policy-validator-k8s-tls \
  --ignore-not-found -o jsonpath='{range .items[*]}{.metadata.name}{" "}{.data.tls\.crt}{"\n"}{end}' 2>/dev/null |
  while read -r name pem; do echo "certificate=linkerd/$name"; echo "$pem" | base64 -d; done
true

