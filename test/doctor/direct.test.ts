import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { keyOf } from '../../src/domain/diagnosis/examined.js';
import { provisionedPair, type Pair } from '../doubles/fleet/pair.js';
import { objectOf, remove } from '../support/doctor/edit.js';

const PATIENCE_MS = 60_000;

let pair: Pair;
beforeAll(async () => {
  pair = await provisionedPair('direct');
}, PATIENCE_MS);
afterEach(() => pair.repair(), PATIENCE_MS);
afterAll(() => pair.close());

const PAIR = 'site-hub → site-0001';
const drop = ({ world, hub, leaf }: Pair, port: string): unknown =>
  world.troubles.dropped.add(`${leaf.address} → ${hub.address}:${port}`);

test('of a system in link mode direct that works nothing is named', async () => {
  expect(await pair.diagnosis()).toEqual({ health: 'healthy', causes: [], unseen: [] });
});

test.each<[fault: string, make: (pair: Pair) => unknown, first: string]>([
  ["a firewall drops the broker's port for leaf nodes", (of) => drop(of, '30722'), `broker-port-open@${PAIR}`],
  ['a firewall drops the port for clients', (of) => drop(of, '30422'), `client-port-open@${PAIR}`],
  [
    'the external ports are deleted',
    ({ hub }) => remove(hub, objectOf('v1', 'Service', 'nats-broker-external')),
    'part-as-wanted@site-hub/external-ports',
  ],
])(
  'in link mode direct, %s: that is named first',
  async (_fault, make, first) => {
    make(pair);
    const [cause] = (await pair.diagnosis()).causes;
    expect(cause && keyOf(cause.check)).toBe(first);
  },
  PATIENCE_MS,
);
