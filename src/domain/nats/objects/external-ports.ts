import type { ManifestObject, ObjectRef } from '../../kubernetes/objects.js';
import { service, type ServicePort } from './manifests.js';
import { NATS_NAMESPACE, NATS_PORTS } from '../names.js';

const NAME = 'nats-broker-external';

export const EXTERNAL_PORTS: ObjectRef = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: NAME, namespace: NATS_NAMESPACE },
};

export interface NodePorts {
  client: number;
  /** Absent in link mode mesh, where no leaf node dials from outside. */
  leaf?: number;
}

/** Opens the broker's ports on the host. */
export function externalPorts({ client, leaf }: NodePorts): ManifestObject {
  const ports: ServicePort[] = [{ name: 'client', port: NATS_PORTS.client, nodePort: client }];
  if (leaf !== undefined) ports.push({ name: 'leaf', port: NATS_PORTS.leaf, nodePort: leaf });
  return service(NAME, 'nats-broker', ports, 'NodePort');
}
