import type { Topology } from '../../../contract/topology/topology.js';
import type { Sighting } from '../../../doctor/examine.js';
import type { Surroundings } from '../../../doctor/surroundings.js';
import type { Context } from '../../context.js';
import { interruptible } from '../../io.js';

/** Together with the start of the process under 15 s, whatever is wrong. */
const LIMITS = { checkMs: 7_000, totalMs: 10_000, looks: 4 };
const LOGIN_MS = 5_000;

interface Seen {
  sighting: Sighting;
  surroundings: Surroundings[];
}

interface Wanted {
  /** Names of leaves; undefined: all. */
  only: readonly string[] | undefined;
  /** Also events and logs, which take longer. */
  surroundings: boolean;
}

/** In this process, over the adapters that a worker has. */
export async function look({ io, settings }: Context, topology: Topology, wanted: Wanted): Promise<Seen> {
  const { wirePorts } = await import('../../../workers/wiring.js');
  const { examine, surroundings } = await import('../../../doctor/examine.js');
  const wiring = wirePorts({ ...settings, sshLimits: { logins: 20, transfers: 1, loginMs: LOGIN_MS } });
  wiring.warm();
  const over = new AbortController();
  try {
    return await interruptible(io, (interrupted) => {
      const work = { signal: AbortSignal.any([interrupted, over.signal]), heartbeat: () => undefined };
      const seen = examine(wiring.ports, topology, { only: wanted.only, limits: LIMITS, work }).then(
        async (sighting) => ({
          sighting,
          surroundings: wanted.surroundings ? await surroundings(wiring.ports, topology, sighting, work) : [],
        }),
      );
      return Promise.race([seen, rejectedBy(interrupted)]);
    });
  } finally {
    over.abort();
    await wiring.close();
  }
}

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('interrupted')));
  });
