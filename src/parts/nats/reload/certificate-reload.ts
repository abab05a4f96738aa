import { X509Certificate } from 'node:crypto';
import type { Step } from '../../../contract/plan.js';
import {
  certificatesInPodScript,
  nudgeForCertificatesScript,
  parseCertificatesInPod,
  reloadScript,
  type NatsApp,
} from '../../../domain/nats/reload.js';
import type { ObjectRef } from '../../../domain/kubernetes/objects.js';
import { CERTIFICATES_ANNOTATION } from '../../../domain/nats/objects/manifests.js';
import { objectName } from '../../objects/object-name.js';
import { touching } from '../../part.js';
import { sha256 } from '../../pki/material.js';
import { awaited } from '../../waiting/wait.js';
import type { Door } from '../clients.js';
import { sameCertificate, servedIfUp } from './served.js';

const object = 'certificates of the NATS server';

/** What a server's pod has. PEM, in the order of its Secrets: the server's, then those of a leaf node's links. */
export interface Certificates {
  app: NatsApp;
  all: readonly [server: string, ...links: string[]];
  /** Accounts of the links after APP's. */
  accounts?: readonly string[];
}

interface Running {
  /** What the server shows; undefined: it does not say. */
  served: string | undefined;
  /** What its part is about to do. */
  steps: readonly Step[];
  workload: ObjectRef;
}

/** A server takes new certificates by a reload, which cuts no connection. */
export function decideReload({ served, steps, workload }: Running, server: string): Step[] {
  const step = touching(steps, objectName(workload));
  if (startsPod(step)) return [];
  if (changes(step, CERTIFICATES_ANNOTATION)) return [{ verb: 'reload', object, because: 'they were issued again' }];
  return served === undefined || sameCertificate(served, server)
    ? []
    : [{ verb: 'reload', object, because: 'the server shows another one' }];
}

/**
 * Of the steps of a server's part those that bring it certificates. A pod that other changes would replace stays, and its
 * server loads them all the same.
 */
export function renewalOf(steps: Step[], { served, workload }: Omit<Running, 'steps'>, server: string): Step[] {
  const step = touching(steps, objectName(workload));
  if (startsPod(step)) return decideReload({ served, steps: [], workload }, server);
  const isAnnotated = changes(step, CERTIFICATES_ANNOTATION);
  return steps.filter((each) => isReload(each) || (each === step && isAnnotated));
}

/** Whether a step for a workload sets another value of an annotation. */
export const changes = (step: Step | undefined, annotation: string): boolean =>
  step?.diff?.some((field) => field.includes(annotation)) === true;

/** Whether a step for a workload replaces its pod, which then starts with what is there. */
export const startsPod = (step: Step | undefined): boolean =>
  step !== undefined && (step.diff ?? ['spec.template']).some((field) => field.startsWith('spec.template'));

export const isReload = (step: Step): boolean => step.verb === 'reload' && step.object === object;

/** The kubelet looks at a Secret once a minute when the nudge is lost. */
const RELOAD = { timeoutMs: 2 * 60_000, look: 'kubectl -n nats-system get pods' };

/** Waits until the certificates are in the pod, and then until the server shows its own. */
export async function reloadCertificates(door: Door, { app, all, accounts }: Certificates): Promise<void> {
  const { site } = door;
  const wanted = sha256(all.join(''));
  const done = { nudge: false, signal: false };
  await awaited(site, RELOAD, async () => {
    const inPod = parseCertificatesInPod(await site.print(certificatesInPodScript(app, accounts)));
    if (inPod !== wanted) {
      if (!done.nudge) await site.run(nudgeForCertificatesScript(app, wanted));
      done.nudge = true;
      return 'the new certificates are not in the pod yet';
    }
    if (!done.signal) await site.run(reloadScript(app), { failFast: true });
    done.signal = true;
    const served = await servedIfUp(door);
    if (served !== undefined && sameCertificate(served, all[0])) return undefined;
    return `the server shows ${served === undefined ? 'no certificate' : serialOf(served)}`;
  });
}

const serialOf = (pem: string): string => `the certificate ${new X509Certificate(pem).serialNumber}`;
