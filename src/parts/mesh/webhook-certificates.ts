import { X509Certificate } from 'node:crypto';
import type { KubernetesObject } from '@kubernetes/client-node';
import type { Step } from '../../contract/plan.js';
import { fieldOf } from '../../contract/caught.js';
import { LINKERD_NAMESPACE } from '../../domain/linkerd/names.js';
import { LEAST_GAIN_DAYS } from '../../domain/pki/renewal.js';
import { daysUntil } from '../../domain/pki/reuse.js';
import type { ObjectRef } from '../../domain/kubernetes/objects.js';
import { objectName } from '../objects/object-name.js';
import type { RenderedSeen, RenderedSet } from '../objects/rendered.js';

export const isWebhook = ({ kind }: ObjectRef): boolean => kind.endsWith('WebhookConfiguration');

const webhook = (name: string, kind: string, workload: string): RenderedSet => ({
  members: [`Secret/${LINKERD_NAMESPACE}/linkerd-${name}-k8s-tls`, `${kind}/linkerd-${name}-webhook-config`],
  loadedBy: `Deployment/${LINKERD_NAMESPACE}/${workload}`,
});

/** Each render issues a certificate for each webhook, which the API server has to trust. */
export const WEBHOOKS = [
  webhook('proxy-injector', 'MutatingWebhookConfiguration', 'linkerd-proxy-injector'),
  webhook('sp-validator', 'ValidatingWebhookConfiguration', 'linkerd-destination'),
  webhook('policy-validator', 'ValidatingWebhookConfiguration', 'linkerd-destination'),
];

/** A render of the chart gives a certificate so many days, and a moment later one less. */
const DAYS_OF_CHART = 365;

/** A certificate of a webhook: the chart gives it a year, and after that the API server refuses every new pod. */
export interface WebhookCertificate {
  /** As steps name the Secret. */
  object: string;
  daysLeft: number;
}

export function webhookCertificates({ objects }: RenderedSeen, now: number): WebhookCertificate[] {
  const secrets = new Set(WEBHOOKS.flatMap(({ members: [secret] }) => secret ?? []));
  return objects.flatMap(({ ref, live }) => {
    const notAfter = secrets.has(objectName(ref)) ? endOf(live) : undefined;
    return notAfter === undefined ? [] : [{ object: objectName(ref), daysLeft: daysUntil(notAfter, now) }];
  });
}

/** What else has to be rendered again with them is the sets' to say. */
export const dueWebhooks = (all: readonly WebhookCertificate[], renewBeforeDays: number): Step[] =>
  all
    .filter(({ daysLeft }) => daysLeft < Math.min(renewBeforeDays, DAYS_OF_CHART - LEAST_GAIN_DAYS))
    .map(({ object, daysLeft }) => ({
      verb: 'change',
      object,
      because: daysLeft < 0 ? 'its certificate has expired' : `its certificate expires in ${daysLeft} days`,
    }));

/** Whether a step is about a webhook's certificate, or what loads it. */
export const isOfWebhook = ({ object }: Step): boolean =>
  WEBHOOKS.some(({ members, loadedBy }) => loadedBy === object || members.includes(object));

/** undefined: it is not there, or holds no certificate; then it differs from what was applied. */
function endOf(secret: KubernetesObject | undefined): number | undefined {
  const pem = fieldOf(fieldOf(secret, 'data'), 'tls.crt');
  if (typeof pem !== 'string') return undefined;
  try {
    return Date.parse(new X509Certificate(Buffer.from(pem, 'base64')).validTo);
  } catch {
    return undefined;
  }
}
