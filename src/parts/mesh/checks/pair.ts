import type { Scope } from '../../../contract/topology/scope.js';
import { keyOf, type CheckKey } from '../../check.js';

/** Hub and leaf, as the subject of what is between them. */
export const pairOf = ({ settings, cluster }: Scope): string => `${settings.broker.name} → ${cluster.name}`;

export const serviceMirrored = (pair: string): CheckKey => keyOf({ id: 'service-mirrored', subject: pair });
export const gatewayReachable = (pair: string): CheckKey => keyOf({ id: 'gateway-reachable', subject: pair });
