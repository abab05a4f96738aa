import type { Scope } from '../../contract/topology/scope.js';
import { EDGE_SERVICE } from '../../domain/edge/names.js';
import type { ManifestObject } from '../../domain/kubernetes/objects.js';
import { EXTERNAL_PORTS, type NodePorts } from '../../domain/nats/objects/external-ports.js';
import { objectName } from '../objects/object-name.js';
import { actOnObjects, decideObjects, removeObjects, seeObjects, type ObjectSeen } from '../objects/objects.js';
import { part } from '../part.js';
import type { Site } from '../site.js';

export interface ExternalPorts {
  numbers: NodePorts & { https?: number };
  /** The Service that has them. */
  service: ManifestObject;
}

interface Facts {
  wanted: ObjectSeen[];
  /** Services of another edge, which may have the same ports. */
  others: ObjectSeen[];
}

const SERVICES = [EXTERNAL_PORTS, EDGE_SERVICE];

/**
 * Ports of the hub's host that lead to the broker, straight or through NGINX.
 * @param ports undefined: the topology wants none, and those that are open are closed
 * @param after parts that come first
 */
export const externalPorts = (ports: (scope: Scope) => ExternalPorts | undefined, after: readonly string[] = []) =>
  part({
    name: 'external-ports',
    title: 'open the external ports',
    phase: 'link',
    needs: ['nats-secrets', ...after],
    livesIn: 'cluster',
    listens: (scope) => numbersOf(ports(scope)),
    wanted: (scope) => ports(scope)?.service,
    look: async (site, wanted, goal): Promise<Facts> => {
      const others = SERVICES.filter(
        (service) => goal === 'absent' || wanted === undefined || objectName(service) !== objectName(wanted),
      );
      const [seen, former] = await Promise.all([
        goal === 'absent' || wanted === undefined ? [] : seeObjects(site, [wanted], goal),
        seeObjects(site, others, 'absent'),
      ]);
      return { wanted: seen, others: former };
    },
    decide: ({ wanted, others }) => [
      ...removeObjects(others).map((step) => ({
        ...step,
        because: wanted.length === 0 ? 'the topology opens no ports' : 'the topology has another edge',
      })),
      ...decideObjects(wanted),
    ],
    undo: ({ others }) => removeObjects(others),
    // A port is free once the Service that had it is gone.
    act: async (site: Site, steps, { wanted, others }) => {
      await actOnObjects(site, steps, others);
      await actOnObjects(site, steps, wanted);
    },
  });

const numbersOf = (ports: ExternalPorts | undefined): number[] =>
  [ports?.numbers.client, ports?.numbers.leaf, ports?.numbers.https].filter((port) => port !== undefined);
