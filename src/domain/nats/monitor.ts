import { NATS_NAMESPACE, NATS_PORTS } from './names.js';

/** A page of a NATS server's monitoring, such as `leafz`, by way of the API server, which gets through mesh and policy. */
export const monitorPath = (app: 'nats-broker' | 'nats-leaf', page: string): string =>
  `/api/v1/namespaces/${NATS_NAMESPACE}/pods/https:${app}-0:${NATS_PORTS.monitor}/proxy/${page}`;
