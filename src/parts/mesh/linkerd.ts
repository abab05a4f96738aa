import type { Scope } from '../../contract/scope.js';
import { linkerdImages } from '../../domain/artifacts/linkerd-images.js';
import type { ObjectRef } from '../../domain/kubernetes/objects.js';
import { CONTROL_PLANE, LINKERD_NAMESPACE } from '../../domain/linkerd/names.js';
import { renderControlPlaneScript, SETTINGS } from '../../domain/linkerd/render.js';
import { issuerOf, TRUST_ANCHOR } from '../../domain/pki/profiles.js';
import { part } from '../part.js';
import { plannedMaterial } from '../pki/material.js';
import type { NatsIdentity } from '../ports.js';
import { actOnRendered } from '../rendered-apply.js';
import {
  decideRendered,
  inputFingerprint,
  seeRendered,
  undoRendered,
  type RenderedPart,
  type RenderedSeen,
  type RenderedSet,
} from '../rendered.js';
import type { Site } from '../site.js';
import { awaited } from '../wait.js';
import { deploymentsMissing } from './checks/availability.js';
import { controlPlaneChecks } from './checks/linkerd.js';
import { renderWith } from './render.js';

const NAME = 'linkerd';
const AVAILABLE = { timeoutMs: 3 * 60_000, look: `kubectl -n ${LINKERD_NAMESPACE} get pods` };

interface Wanted {
  version: string;
  issuer: string;
}

interface Facts {
  seen: RenderedSeen;
  rendered: RenderedPart;
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
      seeRendered(site, { name: NAME, earlier: EARLIER }),
      goal === 'present' ? plannedMaterial(site, TRUST_ANCHOR) : NONE,
      goal === 'present' ? plannedMaterial(site, wanted.issuer) : NONE,
    ]);
    return { seen, rendered: renderedWith(wanted.version, anchor, issuer) };
  },

  decide: ({ seen, rendered }) => decideRendered(seen, rendered),
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
});

const isWebhook = ({ kind }: ObjectRef): boolean => kind.endsWith('WebhookConfiguration');

const webhook = (name: string, kind: string, workload: string): RenderedSet => ({
  members: [`Secret/${LINKERD_NAMESPACE}/linkerd-${name}-k8s-tls`, `${kind}/linkerd-${name}-webhook-config`],
  loadedBy: `Deployment/${LINKERD_NAMESPACE}/${workload}`,
});

/** Each render issues a certificate for each webhook, which the API server has to trust. */
const WEBHOOKS = [
  webhook('proxy-injector', 'MutatingWebhookConfiguration', 'linkerd-proxy-injector'),
  webhook('sp-validator', 'ValidatingWebhookConfiguration', 'linkerd-destination'),
  webhook('policy-validator', 'ValidatingWebhookConfiguration', 'linkerd-destination'),
];

const awaitAvailable = (site: Site): Promise<void> =>
  awaited(site, AVAILABLE, async () => (await deploymentsMissing(site, LINKERD_NAMESPACE, CONTROL_PLANE))[0]);
