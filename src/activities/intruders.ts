import type { Attempt, Intruder } from '../domain/checks/world.js';
import { certificatesOf, clientOf, type CertificateProfile } from '../domain/pki/profiles.js';
import type { Topology } from '../contract/topology.js';
import type { NatsIdentity, NatsTarget, Ports } from '../parts/ports.js';

const PLAINTEXT_TIMEOUT_MS = 1_500;
const VIOLATION_TIMEOUT_MS = 2_000;
const LEAF_TIMEOUT_MS = 5_000;

interface IntruderTools {
  ports: Ports;
  topology: Topology;
  /** The broker's client port. */
  target: () => Promise<NatsTarget>;
  leafTarget: () => Promise<NatsTarget>;
  identity: (role: string) => Promise<NatsIdentity>;
}

/** @throws whatever the client throws: a refusal by TLS is one too */
export async function intrude(as: Intruder, tools: IntruderTools): Promise<Attempt> {
  const { ports, topology, identity } = tools;
  if (as === 'publisher-as-leaf') {
    const answer = await ports.nats.leafLink(await tools.leafTarget(), await identity('publisher'), LEAF_TIMEOUT_MS);
    const refusal = /^-ERR '?(.*?)'?\r?$/m.exec(answer)?.[1];
    if (refusal !== undefined) return { outcome: 'refused', saw: refusal };
    return answer.includes('PONG')
      ? { outcome: 'accepted', latencyMs: 0 }
      : { outcome: 'unknown', saw: answer || 'closed without an answer' };
  }
  const target = await tools.target();
  if (as === 'plaintext') {
    const answer = await ports.nats.plaintext(target.port, PLAINTEXT_TIMEOUT_MS);
    if (!answer.includes('INFO')) return { outcome: 'unknown', saw: answer || 'no INFO' };
    return answer.includes('PONG')
      ? { outcome: 'accepted', latencyMs: 0 }
      : { outcome: 'refused', saw: 'no answer after INFO' };
  }
  if (as === 'subscriber-publishes') {
    const connection = await ports.nats.connect(target, await identity('subscriber'));
    try {
      connection.publish(topology.nats.subject, 'this must not arrive');
      await connection.flush();
      const deadline = performance.now() + VIOLATION_TIMEOUT_MS;
      while (connection.violations().length === 0 && performance.now() < deadline)
        await ports.clock.sleep(20, AbortSignal.timeout(5_000));
      const [violation] = connection.violations();
      return violation === undefined ? { outcome: 'accepted', latencyMs: 0 } : { outcome: 'refused', saw: violation };
    } finally {
      await connection.close();
    }
  }
  const { ca } = await identity('probe');
  const connection = await ports.nats.connect(
    target,
    as === 'foreign-ca' ? { ...(await foreignIdentity(ports)), ca } : { ca },
  );
  await connection.close();
  return { outcome: 'accepted', latencyMs: 0 };
}

/** A certificate with the right name under a CA that nobody trusts, made for this one attempt. */
async function foreignIdentity({ mint }: Ports): Promise<{ certificate: string; privateKey: string }> {
  const profile = (spec: string): CertificateProfile => {
    const found = certificatesOf({ topology: '', broker: 'x', brokerAddresses: [], leaves: [] }).find(
      ({ name }) => name === spec,
    );
    if (found === undefined) throw new RangeError(`no certificate "${spec}"`);
    return found.profile;
  };
  const ca = await mint.selfSigned(profile('nats/ca'));
  return mint.signedBy(ca, profile(clientOf('probe')));
}
