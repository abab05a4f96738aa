import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import type { CertificateProfile } from '../../../src/domain/pki/profiles.js';
import type { MeshLab } from '../support/mesh-lab.js';

interface Trust {
  anchors: string;
  issuer: Record<string, string>;
}

const authority = (commonName: string, pathLength: number): CertificateProfile => ({
  commonName,
  days: 1,
  ca: { pathLength },
  usages: [],
  dns: pathLength === 0 ? [commonName] : [],
  ips: [],
});

/** An anchor and an issuer that no other cluster knows. */
export async function strangeTrust(): Promise<Trust> {
  const mint = new PeculiarMint();
  const anchor = await mint.selfSigned(authority('root.linkerd.cluster.local', 1));
  const issuer = await mint.signedBy(anchor, authority('identity.linkerd.cluster.local', 0));
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    anchors: anchor.certificate,
    issuer: { 'crt.pem': base64(issuer.certificate), 'key.pem': base64(issuer.privateKey) },
  };
}

export function trustOf(lab: MeshLab, host: string): Trust {
  const read = (what: string): unknown => JSON.parse(lab.on(host, `k -n linkerd get ${what} -o json`));
  const { data } = read('configmap linkerd-identity-trust-roots') as { data: Record<string, string> };
  const secret = read('secret linkerd-identity-issuer') as { data: Record<string, string> };
  return { anchors: data['ca-bundle.crt'] ?? '', issuer: secret.data };
}

/** As by hand: both objects, then all that has read them, until each Deployment and StatefulSet is at rest again. */
export function trust(lab: MeshLab, host: string, { anchors, issuer }: Trust): void {
  patch(lab, host, 'configmap linkerd-identity-trust-roots', { 'ca-bundle.crt': anchors });
  patch(lab, host, 'secret linkerd-identity-issuer', issuer);
  for (const namespace of ['linkerd', 'linkerd-multicluster', 'nats-system'])
    lab.on(
      host,
      `set -e
all=$(k -n ${namespace} get deployment,statefulset -o name)
k -n ${namespace} rollout restart $all
for each in $all; do k -n ${namespace} rollout status $each --timeout=50s; done`,
    );
}

function patch(lab: MeshLab, host: string, object: string, data: Record<string, string>): void {
  const base64 = Buffer.from(JSON.stringify({ data })).toString('base64');
  lab.on(host, `k -n linkerd patch ${object} --type merge -p "$(echo ${base64} | base64 -d)"`);
}
