import { externalPorts } from '../../domain/nats/external-ports.js';
import { actOnObjects, decideObjects, removeObjects, seeObjects } from '../objects.js';
import { part } from '../part.js';
import type { Dress } from './dress.js';

/** The broker's ports on the host, for clients outside and, where `leaf` says so, for leaf nodes. */
export const externalPortsPart = (dress: Dress, { open, leaf }: { open: boolean; leaf: boolean }) =>
  part({
    name: 'external-ports',
    title: 'open the external ports',
    phase: 'link',
    needs: ['nats-secrets'],
    livesIn: 'cluster',
    listens: ({ settings: { nats } }) => (open ? [nats.clientNodePort, ...(leaf ? [nats.leafNodePort] : [])] : []),
    wanted: ({ settings: { nats } }) => ({ client: nats.clientNodePort, ...(leaf ? { leaf: nats.leafNodePort } : {}) }),
    look: (site, wanted) => seeObjects(site, dress([externalPorts(wanted)])),
    decide: (seen) => (open ? decideObjects(seen) : removeObjects(seen)),
    undo: removeObjects,
    act: (site, steps, seen) => actOnObjects(site, steps, seen),
  });
