import { programObjects, type ProgramSpec } from '../../domain/nats/programs.js';
import { clientOf } from '../../domain/pki/profiles.js';
import { actOnObjects, decideObjects, removeObjects, seeObjects } from '../objects.js';
import { part } from '../part.js';
import { plannedMaterial, sha256 } from '../pki/material.js';
import type { Dress } from './dress.js';

/** A demo program at the NATS server of its cluster. It connects again by itself, so nothing waits for it. */
export const program = (app: ProgramSpec['app'], dress: Dress) =>
  part({
    name: app,
    title: `run the ${app}`,
    phase: 'messaging',
    needs: ['nats-secrets', 'linkerd'],
    livesIn: 'cluster',
    images: ({ settings: { nats } }) => [nats.images.box],
    wanted: ({ settings: { nats }, cluster }) => ({
      app,
      cluster: cluster.name,
      image: nats.images.box,
      subject: nats.subject,
      publishEverySeconds: nats.publishEverySeconds,
    }),
    look: async (site, wanted) => {
      const client = await plannedMaterial(site, clientOf(app));
      return seeObjects(site, dress(programObjects({ ...wanted, client, sha256 })));
    },
    decide: decideObjects,
    undo: removeObjects,
    act: (site, steps, seen) => actOnObjects(site, steps, seen),
  });
