import type { Scope } from '../../contract/topology/scope.js';
import { linkerdImages } from '../../domain/artifacts/components/linkerd-images.js';
import { CONTROL_PLANE, LINKERD_MARKS, LINKERD_NAMESPACE } from '../../domain/linkerd/names.js';
import { renderControlPlaneScript, SETTINGS } from '../../domain/linkerd/render.js';
import { trustingBoth } from '../../domain/linkerd/webhooks.js';
import { issuerOf, TRUST_ANCHOR } from '../../domain/pki/profiles.js';
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
  isWebhook,
  webhookCertificates,
  WEBHOOKS,
  type WebhookCertificate,
} from './webhook-certificates.js';

const NAME = 'linkerd';
const AVAILABLE = { timeoutMs: 3 * 60_000, look: `kubectl -n ${LINKERD_NAMESPACE} get pods` };

interface Wanted {
  version: string;
  issuer: string;
}

interface Facts {
  seen: RenderedSeen;
  rendered: RenderedPart;
  webhooks: WebhookCertificate[];
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
    return { seen, rendered: renderedWith(wanted.version, anchor, issuer), webhooks };
  },

  decide: ({ seen, rendered, webhooks }) => decideRendered(seen, rendered, dueWebhooks(webhooks)),
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
    issuer: inputFingerprint(issuer.certificate),
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
