import type { KubernetesObject } from '@kubernetes/client-node';
import { HOST_DIRECTORY } from '../hosts/paths.js';
import { LINKERD_NAMESPACE } from './names.js';

const SECRETS = ['proxy-injector', 'sp-validator', 'policy-validator'].map((name) => `linkerd-${name}-k8s-tls`);

/** Prints the certificate of each webhook after a line with its name; no key. kubectl's cache goes where teardown finds it. */
export const webhookCertificatesScript = `
[ -d ${HOST_DIRECTORY} ] && /usr/local/bin/k3s kubectl --cache-dir ${HOST_DIRECTORY}/kubectl -n ${LINKERD_NAMESPACE} get secret ${SECRETS.join(' ')} \\
  --ignore-not-found -o jsonpath='{range .items[*]}{.metadata.name}{" "}{.data.tls\\.crt}{"\\n"}{end}' 2>/dev/null |
  while read -r name pem; do echo "certificate=${LINKERD_NAMESPACE}/$name"; echo "$pem" | base64 -d; done
true
`;

interface Webhook {
  name: string;
  clientConfig?: { caBundle?: string };
}

type Configuration = KubernetesObject & { webhooks?: Webhook[] };
type Named = KubernetesObject & { metadata: { name: string } };

/**
 * The webhook configuration that is there, which also trusts what the next one trusts. undefined: it already does, or
 * none of its webhooks goes on.
 */
export function trustingBoth(live: KubernetesObject, next: KubernetesObject): Named | undefined {
  const { apiVersion, kind, metadata, webhooks = [] } = live as Configuration;
  const wanted = new Map((next as Configuration).webhooks?.map(({ name, clientConfig }) => [name, clientConfig]));
  const both = webhooks.map((webhook) => {
    const caBundle = joined(webhook.clientConfig?.caBundle, wanted.get(webhook.name)?.caBundle);
    return caBundle === undefined ? webhook : { ...webhook, clientConfig: { ...webhook.clientConfig, caBundle } };
  });
  if (metadata?.name === undefined || both.every((webhook, index) => webhook === webhooks[index])) return undefined;
  const { name, labels = {}, annotations = {} } = metadata;
  const bridge = { apiVersion, kind, metadata: { name, labels, annotations }, webhooks: both };
  return bridge as Named;
}

/** PEM in base64; undefined: there is nothing to add. */
function joined(old: string | undefined, more: string | undefined): string | undefined {
  if (old === undefined || more === undefined || old === more) return undefined;
  const [before, after] = [atob(old), atob(more)];
  return before.includes(after.trim()) ? undefined : btoa(`${before.trim()}\n${after}`);
}
