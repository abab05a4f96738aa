import type { KubernetesObject } from '@kubernetes/client-node';

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
