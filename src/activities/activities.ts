import { adoptedClusterActivities } from './adopted-cluster.js';
import { artifactActivities } from './artifacts.js';
import { brokerReloadActivities } from './broker-reload.js';
import { checkActivities } from './checks.js';
import { cutOffActivities } from './cut-off-leaves.js';
import { externalPortActivities } from './external-ports.js';
import { hostActivities } from './hosts.js';
import { k3sActivities } from './k3s.js';
import { leafPathActivities } from './leaf-path.js';
import { linkerdActivities } from './linkerd.js';
import { meshLinkActivities } from './mesh-link.js';
import { natsActivities } from './nats.js';
import { pkiActivities } from './pki.js';
import type { Ports } from '../parts/ports.js';
import { teardownActivities } from './teardown.js';

/** Every activity of the worker, over the given ports. Workflows see only the type. */
export const createActivities = (ports: Ports) => ({
  ...hostActivities(ports),
  ...artifactActivities(ports),
  ...pkiActivities(ports),
  ...k3sActivities(ports),
  ...linkerdActivities(ports),
  ...meshLinkActivities(ports),
  ...leafPathActivities(ports),
  ...natsActivities(ports),
  ...brokerReloadActivities(ports),
  ...cutOffActivities(ports),
  ...externalPortActivities(ports),
  ...checkActivities(ports),
  ...adoptedClusterActivities(ports),
  ...teardownActivities(ports),
});

export type Activities = ReturnType<typeof createActivities>;
