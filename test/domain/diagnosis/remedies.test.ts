import { expect, test } from '@jest/globals';
import type { Patient } from '../../../src/domain/diagnosis/examined.js';
import { remedyFor } from '../../../src/domain/diagnosis/remedies.js';
import { BUNDLE_SOURCE } from '../../support/bundle.js';
import { seenOf, type Failing } from '../../support/doctor/seen.js';
import { LOAD_BALANCER, twoClusters } from '../../support/topologies.js';

const MESH = twoClusters({ link: { mode: 'mesh', gateway: LOAD_BALANCER }, artifacts: BUNDLE_SOURCE });
const PAIR = 'cluster-a → cluster-b';

const patient = (firewall?: string): Patient => ({
  topology: 'plant-7',
  hub: 'cluster-a',
  places: ['a', 'b'].map((letter, index) => ({
    cluster: `cluster-${letter}`,
    host: `vm-${letter}`,
    login: `ubuntu@192.0.2.${index + 1}0`,
    internalAddress: `192.0.2.${index + 1}0`,
    externalAddress: `192.0.2.${index + 1}0`,
    ...(firewall === undefined ? {} : { firewall }),
  })),
});

const remedies = (failing: Failing, of = patient()) =>
  seenOf(MESH, failing)
    .filter(({ verdict }) => verdict.state === 'fail')
    .map((check) => remedyFor(check, of));

const CLOSED = { [`gateway-reachable@${PAIR}`]: 'no response from 192.0.2.10:4143' };

test.each<[firewall: string | undefined, command: object]>([
  ['ufw', { shell: 'ssh ubuntu@192.0.2.10 sudo ufw allow proto tcp from 192.0.2.20 to any port 4143' }],
  ['iptables', { shell: 'ssh ubuntu@192.0.2.10 sudo iptables -I INPUT -p tcp -s 192.0.2.20 --dport 4143 -j ACCEPT' }],
  [undefined, { leafspan: 'firewall plant-7' }],
])('a closed port is opened by the firewall of the host: %s', (firewall, command) => {
  expect(remedies(CLOSED, patient(firewall))).toMatchObject([command]);
});

test.each<[what: string, failing: Failing, command: object]>([
  [
    'K3s that is stopped',
    { 'api-server-ready@cluster-b': 'the API server is not ready: k3s.service: inactive' },
    { shell: 'ssh ubuntu@192.0.2.20 sudo systemctl start k3s' },
  ],
  [
    'a part that differs',
    { 'part-as-wanted@cluster-b/leaf-node': 'StatefulSet/nats-leaf was changed' },
    { leafspan: 'provision plant-7' },
  ],
  [
    'a pod without the proxy',
    { 'pods-meshed@cluster-b': 'pods run without the proxy: nats-leaf-0, subscriber-1' },
    { shell: 'ssh ubuntu@192.0.2.20 sudo k3s kubectl -n nats-system delete pod nats-leaf-0 subscriber-1' },
  ],
  [
    'a check without advice',
    { 'linkerd-versions-fit@cluster-b': 'the proxies are of another release' },
    { say: 'see docs/troubleshooting.md#linkerd-versions-fit' },
  ],
])('of %s it says what to type', (_what, failing, command) => {
  expect(remedies(failing)).toMatchObject([command]);
});
