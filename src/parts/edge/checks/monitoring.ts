import { messageOf } from '../../../contract/caught.js';
import { hubHostOf, isHub, type Scope } from '../../../contract/topology/scope.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import type { Verdict } from '../../../contract/checks.js';
import { admissionOf, type Admission } from '../../../domain/edge/allow-list.js';
import { MONITOR_NAME } from '../../../domain/nats/names.js';
import { MONITOR_SERVER } from '../../../domain/pki/profiles.js';
import { check, type Check } from '../../check.js';
import { readMaterial } from '../../pki/material.js';
import type { Site } from '../../site.js';
import { brokerReady } from '../../nats/checks/keys.js';
import { edgeAvailable } from './keys.js';

const PATH = '/varz';
const ANSWER_MS = 3_000;
const STATUS = { allowed: 200, refused: 403 } as const;

interface Answer {
  /** Of HTTP, or why there is none. */
  status: number | string;
  expected: Admission;
  from: string;
}

/** From a host of the topology: it is answered when the list has its address, and refused when not. */
export const monitoringChecks = (scope: Scope): Check[] => {
  const { settings, cluster } = scope;
  const { monitoring } = settings.nats;
  if (monitoring === undefined) return [];
  return [
    check<Answer>({
      id: 'monitoring-obeys-list',
      category: 'nats-broker',
      subject: cluster.name,
      title: "the broker's monitoring lets in only addresses on the list",
      severity: 'error',
      needs: [edgeAvailable(settings.broker.name), brokerReady(settings.broker.name)],
      retry: { forSeconds: 30, everySeconds: 1 },
      probe: async (site) => {
        const addresses = seenAs(site);
        return {
          status: await ask(site, monitoring.port).catch((error: unknown) => silence(site, error)),
          expected: admissionOf(addresses, monitoring.allow),
          from: addresses.join(' or '),
        };
      },
      judge: judgeAnswer,
    }),
  ];
};

/** The addresses that the edge may see when this host dials. Of its own host it sees one of the pod network, or the host's own. */
const seenAs = ({ host: { internalAddress, externalAddress }, scope }: Site): string[] => [
  ...new Set([internalAddress, externalAddress, ...(isHub(scope) ? [scope.settings.k3s.clusterCidr] : [])]),
];

/** The connection is the host's: it goes through its sshd. */
async function ask(site: Site, port: number): Promise<number> {
  const { externalAddress, internalAddress } = hubHostOf(site.scope);
  const [tunnel, { ca }] = await Promise.all([
    site.tunnel(isHub(site.scope) ? internalAddress : externalAddress, port),
    readMaterial(site, MONITOR_SERVER),
  ]);
  try {
    return await site.ports.nats.monitor(
      { port: tunnel.port, serverName: MONITOR_NAME },
      { ca, path: PATH },
      ANSWER_MS,
    );
  } finally {
    await tunnel.close();
  }
}

/** @throws the error of a host that no firewall keeps out: its own */
function silence({ scope, work }: Site, error: unknown): string {
  work.signal.throwIfAborted();
  if (isHub(scope)) throw error;
  return messageOf(error);
}

function judgeAnswer({ status, expected, from }: Answer): Verdict {
  if (typeof status === 'string')
    return expected === 'allowed'
      ? fail(`the monitoring does not respond to ${from}, which is on the list`, status)
      : pass(`no response for ${from}: a firewall may keep it out before the list does`);
  const saw = `status ${status}`;
  if (status !== STATUS.allowed && status !== STATUS.refused)
    return fail('the monitoring neither lets the host in nor refuses it', saw);
  if (expected === 'either') return pass(`${saw}; the list has only some of the addresses ${from}`);
  if (status === STATUS[expected]) return pass(`${saw} for ${from}`);
  return expected === 'allowed'
    ? fail(`the monitoring refuses ${from}, which is on the list`, saw)
    : fail(`the monitoring lets in ${from}, which is not on the list`, saw);
}
