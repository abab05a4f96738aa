import type { Scope } from '../../contract/topology/scope.js';
import { linkerdImages } from '../../domain/artifacts/components/linkerd-images.js';
import { CONTROL_PLANE, LINKERD_MARKS, LINKERD_NAMESPACE } from '../../domain/linkerd/names.js';
import { renderControlPlaneScript, SETTINGS } from '../../domain/linkerd/render.js';
import { trustingBoth } from '../../domain/linkerd/webhooks.js';
import { issuerOf, TRUST_ANCHOR } from '../../domain/pki/profiles.js';
import { renewBeforeDays } from '../../domain/pki/renewal.js';
import { part } from '../part.js';
import { plannedMaterial } from '../pki/material.js';
import type { NatsIdentity } from '../ports.js';
import { actOnRendered } from '../objects/rendered-apply.js';
import {
  decideRendered,
  inputFingerprint,
  seeRendered,
  undoRendered,
  type RenderedPart,
  type RenderedSeen,
} from '../objects/rendered.js';
import type { Site } from '../site.js';
import { awaited } from '../waiting/wait.js';
import { deploymentsMissing } from '../objects/availability.js';
import { controlPlaneChecks } from './checks/linkerd.js';
import { renderWith } from './render.js';
import {
  dueWebhooks,
  isOfWebhook,
  isWebhook,
  webhookCertificates,
  WEBHOOKS,
  type WebhookCertificate,
} from './webhook-certificates.js';

const NAME = 'linkerd';
/** Of what the control plane is rendered from. */
const ISSUER = 'issuer';
const AVAILABLE = { timeoutMs: 3 * 60_000, look: `kubectl -n ${LINKERD_NAMESPACE} get pods` };

interface Wanted {
  version: string;
  issuer: string;
}

interface Facts {
  seen: RenderedSeen;
  rendered: RenderedPart;
  webhooks: WebhookCertificate[];
  renewBeforeDays: number;
}

/** Linkerd's control plane, with this cluster's issuer under the shared trust anchor. */
export const linkerd = part({
  name: NAME,
  title: 'install Linkerd',
  phase: 'clusters',
  needs: ['certificates', 'linkerd-command', 'images', 'gateway-api', 'linkerd-crds', 'nats-secrets'],
  livesIn: 'cluster',
  images: ({ settings }) => linkerdImages(settings.linkerd.version),
  wanted: ({ settings, cluster }: Scope): Wanted => ({
    version: settings.linkerd.version,
    issuer: issuerOf(cluster.name),
  }),

  look: async (site, wanted, goal): Promise<Facts> => {
    const [seen, anchor, issuer] = await Promise.all([
      seeRendered(site, { name: NAME, earlier: EARLIER, marks: goal === 'present' ? LINKERD_MARKS : [] }),
      goal === 'present' ? plannedMaterial(site, TRUST_ANCHOR) : NONE,
      goal === 'present' ? plannedMaterial(site, wanted.issuer) : NONE,
    ]);
    const webhooks = webhookCertificates(seen, site.clock.now());
    const rendered = renderedWith(wanted.version, anchor, issuer);
    return { seen, rendered, webhooks, renewBeforeDays: renewBeforeDays(site.scope) };
  },

  decide: ({ seen, rendered, webhooks, renewBeforeDays: days }) =>
    decideRendered(seen, rendered, dueWebhooks(webhooks, days)),

  // Another issuer means another render of all of it; where more than the issuer changed, that comes with it.
  renew: (steps, { seen: { inventory }, rendered, webhooks, renewBeforeDays: days }) => {
    if (inventory === undefined) return [];
    const isOtherIssuer = inventory.inputs[ISSUER] !== rendered.inputs[ISSUER];
    if (!isOtherIssuer && !inventory.underWay && dueWebhooks(webhooks, days).length === 0) return [];
    return steps.filter((step) => step.object === rendered.title || isOfWebhook(step));
  },

  undo: ({ seen, rendered }) => undoRendered(seen, rendered),
  act: (site, steps, { seen, rendered }) => actOnRendered(site, steps, seen, rendered),
  checks: controlPlaneChecks,
});

const EARLIER = { namespace: LINKERD_NAMESPACE, has: () => true };
const NONE: NatsIdentity = { certificate: '', privateKey: '', ca: '' };

const renderedWith = (version: string, anchor: NatsIdentity, issuer: NatsIdentity): RenderedPart => ({
  name: NAME,
  title: `Linkerd control plane ${version}`,
  inputs: {
    version,
    settings: SETTINGS,
    'trust anchor': inputFingerprint(anchor.certificate),
    [ISSUER]: inputFingerprint(issuer.certificate),
  },
  render: (site) => {
    const { certificate, privateKey } = issuer;
    return renderWith(
      site,
      version,
      renderControlPlaneScript({ anchors: anchor.certificate, certificate, privateKey }),
    );
  },
  sets: WEBHOOKS,
  // They fail closed. What other parts apply while the control plane starts would be refused.
  held: isWebhook,
  beforeHeld: awaitAvailable,
  // No moment in which the API server refuses a webhook, and with it every new pod.
  bridge: trustingBoth,
});

const awaitAvailable = (site: Site): Promise<void> =>
  awaited(site, AVAILABLE, async () => (await deploymentsMissing(site, LINKERD_NAMESPACE, CONTROL_PLANE))[0]);
