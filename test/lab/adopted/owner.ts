import { strangeTrust } from '../mesh/anchors.js';
import type { MeshLab } from '../support/mesh-lab.js';

/** Where an owner keeps what they install K3s and Linkerd from; no listing looks here. */
const KEPT = '/var/tmp/owner';

/** On a host that leafspan has provisioned. */
export const keepForOwner = (lab: MeshLab, host: string): string =>
  lab.on(
    host,
    `set -e; mkdir -p ${KEPT}; cd ${KEPT}
cp /usr/local/bin/k3s /usr/local/bin/linkerd /var/lib/leafspan/k3s-install.sh .
cp /var/lib/rancher/k3s/agent/images/k3s-images.tar /var/lib/rancher/k3s/agent/images/linkerd.tar .`,
  );

/** Another release, other ranges, a kubeconfig and a firewall rule of the owner. Its answer is not waited for. */
const INSTALL = `set -e; cd ${KEPT}
mkdir -p /etc/rancher/k3s /var/lib/rancher/k3s/agent/images /opt/theirs
release=$(./k3s --version | awk 'NR == 1 {print $3}'); other=\${release%.*}.0+k3s1
LC_ALL=C sed "s/$release/$other/g" k3s > /usr/local/bin/k3s; chmod 755 /usr/local/bin/k3s
cp linkerd /usr/local/bin/linkerd
cp k3s-images.tar /var/lib/rancher/k3s/agent/images/theirs.tar
cp linkerd.tar /var/lib/rancher/k3s/agent/images/linkerd.tar
cat > /etc/rancher/k3s/config.yaml <<'EOF'
cluster-cidr: 10.52.0.0/16
service-cidr: 10.53.0.0/16
node-label: [owner=them]
EOF
iptables -A INPUT -p tcp --dport 8081 -m comment --comment theirs -j ACCEPT
INSTALL_K3S_SKIP_DOWNLOAD=true sh ./k3s-install.sh >/dev/null`;

const WORKS = `set -e
until k get --raw /readyz >/dev/null 2>&1; do sleep 0.2; done
until k -n kube-system rollout status deployment coredns --timeout=40s >/dev/null 2>&1; do sleep 0.2; done
mkdir -p /home/ubuntu/.kube; sed 's/: default$/: theirs/' /etc/rancher/k3s/k3s.yaml > /home/ubuntu/.kube/config
chmod 600 /home/ubuntu/.kube/config; chown -R ubuntu: /home/ubuntu/.kube`;

/** A program in a namespace of its own; with a Linkerd it gets a proxy. */
const APPLICATION = `set -e
image=$(k3s ctr -n k8s.io images list -q | grep pause | grep -v sha256 | head -1)
k apply -f - >/dev/null <<EOF
apiVersion: v1
kind: Namespace
metadata: { name: theirs, annotations: { linkerd.io/inject: enabled } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: theirs }
data: { answer: "42" }
---
apiVersion: v1
kind: Service
metadata: { name: program, namespace: theirs }
spec: { selector: { app: program }, ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: program, namespace: theirs }
spec: { podSelector: { matchLabels: { app: program } }, ingress: [{ from: [{ podSelector: {} }] }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: program, namespace: theirs }
spec:
  selector: { matchLabels: { app: program } }
  template:
    metadata: { labels: { app: program } }
    spec: { containers: [{ name: program, image: "$image" }] }
EOF
k -n theirs rollout status deployment program --timeout=50s >/dev/null`;

/** Installs K3s on both hosts as an owner would, with a program; on vm-b with a Linkerd. */
export async function installAsOwner(lab: MeshLab): Promise<void> {
  for (const host of ['vm-a', 'vm-b']) lab.on(host, INSTALL);
  for (const host of ['vm-a', 'vm-b']) lab.on(host, WORKS);
  lab.on('vm-b', await linkerd());
  for (const host of ['vm-a', 'vm-b']) lab.on(host, APPLICATION);
}

async function linkerd(): Promise<string> {
  const { anchors, issuer } = await strangeTrust();
  const work = '/dev/shm/theirs';
  return `set -e; umask 077; mkdir ${work}; trap 'rm -rf ${work}' EXIT
cat > ${work}/anchors <<'EOF'
${anchors.trim()}
EOF
echo ${issuer['crt.pem'] ?? ''} | base64 -d > ${work}/crt; echo ${issuer['key.pem'] ?? ''} | base64 -d > ${work}/key
linkerd install --crds --ignore-cluster -o json | k create -f - >/dev/null
linkerd install --ignore-cluster -o json --set disableHeartBeat=true --identity-trust-anchors-file ${work}/anchors \\
  --identity-issuer-certificate-file ${work}/crt --identity-issuer-key-file ${work}/key | k create -f - >/dev/null
for each in $(k -n linkerd get deployment -o name); do k -n linkerd rollout status $each --timeout=50s >/dev/null; done`;
}
