import { withClient, type Door } from '../clients.js';
import { attempted, type Attempt } from './attempt.js';

/** Connects as the probe and closes again. */
export const enter = (door: Door): Promise<Attempt> =>
  attempted(() =>
    withClient(door, 'probe', async (client) => {
      const began = performance.now();
      await client.flush();
      return { outcome: 'accepted', latencyMs: performance.now() - began };
    }),
  );
