import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NATS_PORTS } from '../../../src/domain/nats/names.js';
import { SETS_TOOL } from './host-snapshots.js';
import { eventually, type SystemLab } from './system-lab.js';

const PORTS = Object.values(NATS_PORTS).map(String);
const [FRIEND, STRANGER] = ['policy-friend', 'policy-stranger'];

/** Prints the ports of the broker's pod that can be dialled, in any order. */
const dial = (attempt: string): string =>
  `broker=$(k -n nats-system get pod nats-broker-0 -o jsonpath={.status.podIP})
for port in ${PORTS.join(' ')}; do ( ${attempt} </dev/null >/dev/null 2>&1 && echo $port ) & done; wait`;
const fromHost = dial('timeout 3 bash -c "</dev/tcp/$broker/$port"');
const fromPod = (namespace: string, pod: string): string =>
  dial(`k -n ${namespace} exec ${pod} -- nc -w 2 $broker $port`);

/** Tries what NetworkPolicies allow and what they do not, on a broker in link mode direct. */
export function networkPolicies(lab: SystemLab): void {
  const reached = (script: string): string[] => {
    const open = lab.on('vm-a', script).split('\n');
    return PORTS.filter((port) => open.includes(port));
  };

  describe('of the ports of the broker', () => {
    beforeAll(() => {
      const image =
        lab.on('vm-a', 'k -n nats-system get deployment publisher -o jsonpath={..image}').split(' ')[0] ?? '';
      lab.on(
        'vm-a',
        `set -e
mkdir -p ${SETS_TOOL}; cp -a /var/lib/rancher/k3s/data/current/bin/*ipset* ${SETS_TOOL}
for namespace in ${FRIEND} ${STRANGER}; do
  k create namespace $namespace
  k -n $namespace create serviceaccount default 2>/dev/null || true
  k -n $namespace run dialler --image=${image} --image-pull-policy=Never --restart=Never --command -- sleep 3600
done
k label namespace ${FRIEND} leafspan.io/nats-clients=true
for namespace in ${FRIEND} ${STRANGER}; do k -n $namespace wait --for=condition=Ready --timeout=50s pod/dialler; done`,
      );
    }, 120_000);

    afterAll(() => {
      lab.on('vm-a', `k delete namespace ${FRIEND} ${STRANGER} --timeout=50s`);
    }, 60_000);

    test('the host itself reaches every one, as kubelet and API server do', () => {
      expect(reached(fromHost)).toEqual(PORTS);
    });

    test.each<[who: string, namespace: string, pod: string]>([
      ['the publisher', 'nats-system', 'deploy/publisher'],
      ['a pod of a namespace that may dial NATS', FRIEND, 'pod/dialler'],
    ])(
      '%s reaches the one for clients, and no other',
      async (_who, namespace, pod) => {
        // The controller of policies takes a moment to know a new pod.
        await eventually('the port for clients is open', () => reached(fromPod(namespace, pod)).length > 0);
        expect(reached(fromPod(namespace, pod))).toEqual([String(NATS_PORTS.client)]);
      },
      120_000,
    );

    test('a pod that no policy names reaches none', () => {
      expect(reached(fromPod(STRANGER, 'pod/dialler'))).toEqual([]);
    }, 60_000);
  });
}
