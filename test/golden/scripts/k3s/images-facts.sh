
[ -f /var/lib/leafspan/before/images ] && [ -S /run/k3s/containerd/containerd.sock ] || exit 0
sed 's/^/before=/' /var/lib/leafspan/before/images
/usr/local/bin/k3s ctr -n k8s.io images list | awk 'NR > 1 {print "image=" $1, $3}'
/usr/local/bin/k3s ctr -n k8s.io containers list 'labels."io.kubernetes.pod.namespace"!=nats-system,labels."io.kubernetes.pod.namespace"!=linkerd' | awk 'NR > 1 {print "used=" $2}'
for file in '/var/lib/rancher/k3s/agent/images/it'\''s.tar'; do
  tar -xOf "$file" manifest.json 2>/dev/null | grep -oE '"RepoTags": *\[[^]]*' | grep -oE '"[^"]*"' | sed 's/"//g; s/^/tag=/' || true
done

