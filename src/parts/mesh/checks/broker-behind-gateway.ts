import { fail, pass } from '../../../domain/checks/verdict.js';
import { GATEWAY_IDENTITY } from '../../../domain/linkerd/names.js';
import type { ProxyConnection } from '../../../domain/multicluster/connections.js';
import { NATS_PORTS } from '../../../domain/nats/names.js';
import { check, type Check, type CheckKey } from '../../check.js';
import { proxyConnections } from './proxy-connections.js';

interface Expectation {
  /** Connections without which the statement proves nothing. */
  atLeast: 0 | 1;
  needs: readonly CheckKey[];
}

/**
 * The hub states it of the connections that there are: it does not wait for leaves. A leaf states it when its own link is
 * up, so it wants to see one.
 */
export const brokerBehindGateway = (subject: string, { atLeast, needs }: Expectation): Check =>
  check<ProxyConnection[]>({
    id: 'broker-behind-gateway',
    category: 'multicluster',
    subject,
    title: 'leaf nodes reach the broker only from the gateway, by mutual TLS',
    severity: 'error',
    needs,
    retry: { forSeconds: 30, everySeconds: 1 },
    probe: ({ hub }) => proxyConnections(hub, 'nats-broker'),
    judge: (all) => {
      const links = all.filter(
        ({ direction, target, open }) => direction === 'inbound' && open > 0 && target.endsWith(`:${NATS_PORTS.leaf}`),
      );
      const [bypass] = links.filter(({ tls, clientId }) => !tls || clientId !== GATEWAY_IDENTITY);
      if (bypass !== undefined)
        return fail('a connection to the broker does not come from the gateway', bypass.clientId ?? 'no identity');
      if (links.length < atLeast) return fail(`the broker's proxy has no connection on ${NATS_PORTS.leaf}`);
      return pass(links.length === 0 ? 'no leaf node is linked' : GATEWAY_IDENTITY);
    },
  });
