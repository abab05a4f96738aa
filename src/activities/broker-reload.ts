import { createHash } from 'node:crypto';
import { brokerConf } from '../domain/nats/conf.js';
import { brokerConfScript, nudgeScript, parseBrokerConf, reloadScript, VARZ_PATH } from '../domain/nats/reload.js';
import type { Host, NatsSettings } from '../contract/topology.js';
import { guarded } from './activity.js';
import type { Ports } from '../parts/ports.js';
import { awaited } from './wait.js';

/** The kubelet looks at a ConfigMap once a minute when the nudge is lost. */
const RELOAD = { timeoutMs: 2 * 60_000, look: 'kubectl -n nats-system logs nats-broker-0 -c nats' };

interface ReloadInput {
  server: Host;
  leaves: string[];
  nats: NatsSettings;
}

export const brokerReloadActivities = ({ hosts, kubernetes, clock }: Ports) => ({
  /**
   * Makes the running broker load its configuration without a restart, so that nobody else's connection is cut when a leaf
   * joins or leaves. Done when the broker itself reports the digest of the wanted file.
   */
  reloadBroker: guarded(async ({ server, leaves, nats }: ReloadInput, work) => {
    const conf = brokerConf({ cluster: server.cluster, leaves, subject: nats.subject });
    const cluster = await kubernetes.cluster(server, work);
    const wanted = createHash('sha256').update(conf).digest('hex');

    const done = { nudge: false, signal: false };
    await awaited(clock, server, work, RELOAD, async () => {
      const [seen, varz] = await Promise.all([
        hosts.run(server, brokerConfScript, { signal: work.signal }),
        cluster.get(VARZ_PATH),
      ]);
      const { file, digest } = parseBrokerConf(seen.stdout);
      if (file !== wanted) {
        if (!done.nudge) await hosts.run(server, nudgeScript(wanted), { signal: work.signal });
        done.nudge = true;
        return 'the new configuration is not in the pod yet';
      }
      if (digest === undefined) return `the broker refuses its configuration: ${seen.stdout.trim()}`;
      const loaded =
        varz.status === 200 ? (JSON.parse(varz.body) as { config_digest?: string }).config_digest : undefined;
      if (loaded === digest) return undefined;
      if (!done.signal) await hosts.run(server, reloadScript, { signal: work.signal, failFast: true });
      done.signal = true;
      return `the broker has loaded ${loaded ?? 'nothing known'}, not ${digest}`;
    });
    return { changed: done.signal ? [`reloaded the broker on ${server.cluster}`] : [] };
  }),
});
