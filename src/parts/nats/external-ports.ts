import type { Scope } from '../../contract/topology/scope.js';
import { EXTERNAL_PORTS, externalPorts as manifest, type NodePorts } from '../../domain/nats/objects/external-ports.js';
import { actOnObjects, decideObjects, removeObjects, seeObjects, type ObjectSeen } from '../objects/objects.js';
import { part } from '../part.js';
import type { Site } from '../site.js';
import type { Dress } from './dress.js';

/**
 * Ports of the hub's host that lead to the broker.
 * @param ports undefined: the topology wants none, and those that are open are closed
 */
export const externalPorts = (dress: Dress, ports: (scope: Scope) => NodePorts | undefined) =>
  part({
    name: 'external-ports',
    title: 'open the external ports',
    phase: 'link',
    needs: ['nats-secrets'],
    livesIn: 'cluster',
    listens: (scope) => numbersOf(ports(scope)),
    wanted: ports,
    look: (site, wanted, goal): Promise<ObjectSeen[]> =>
      wanted === undefined ? seeUnwanted(site) : seeObjects(site, dress([manifest(wanted)]), goal),
    decide: (seen, wanted) =>
      wanted === undefined
        ? removeObjects(seen).map((step) => ({ ...step, because: 'the topology opens no ports' }))
        : decideObjects(seen),
    undo: removeObjects,
    act: (site, steps, seen) => actOnObjects(site, steps, seen),
  });

const numbersOf = (ports: NodePorts | undefined): number[] =>
  [ports?.client, ports?.leaf].filter((port) => port !== undefined);

async function seeUnwanted(site: Site): Promise<ObjectSeen[]> {
  const kube = await site.kubeIfUp();
  const live = await kube?.read(EXTERNAL_PORTS);
  return [{ wanted: EXTERNAL_PORTS, live, applied: live }];
}
