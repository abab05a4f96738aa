import { beforeEach, expect, test } from '@jest/globals';
import { ProvisionError } from '../../src/contract/errors.js';
import { apiStateScript } from '../../src/domain/k3s/api-state.js';
import { FakeCluster } from '../support/fakes/kubernetes.js';
import { fakePorts, type FakePorts } from '../support/fakes/ports.js';
import { siteOf } from '../support/parts/site.js';

const UP = 'installed\nactive\nkubeconfig\n';

/** It responds to what it is asked in turn; the last response stays. */
class ApiServer extends FakeCluster {
  readonly #responses: (number | Error)[];

  constructor(...responses: (number | Error)[]) {
    super();
    this.#responses = responses;
  }

  override get(): Promise<{ status: number; body: string }> {
    const response = this.#responses.length > 1 ? this.#responses.shift() : this.#responses[0];
    return typeof response === 'number'
      ? Promise.resolve({ status: response, body: '' })
      : Promise.reject(response ?? new Error('unscripted'));
  }
}

const refused = new ProvisionError('KUBE_API_FAILED', 'connect ECONNREFUSED 127.0.0.1:6443');
let ports: FakePorts;
beforeEach(() => {
  ports = fakePorts();
});

test('an API server that responds, of a cluster that is known, needs no look at its host', async () => {
  ports.kubernetes.known = true;
  ports.kubernetes.onGet('/readyz', 200, 'ok');
  expect(await siteOf(ports).api()).toBe('up');
  expect(ports.hosts.ran).toEqual([]);
});

test.each<[behaviour: string, responses: (number | Error)[], host: string, state: string]>([
  ['does not respond since K3s was stopped', [refused], 'installed\nkubeconfig\n', 'down'],
  ['does not respond since K3s was removed', [refused], '', 'absent'],
  ['is not ready', [500], UP, 'down'],
  ['responds only on a new connection', [refused, 200], UP, 'up'],
])('a known API server that %s: its host is looked at', async (_, responses, host, state) => {
  ports = fakePorts({ kubernetes: new ApiServer(...responses) });
  ports.kubernetes.known = true;
  ports.hosts.on(apiStateScript, host);
  expect(await siteOf(ports).api()).toBe(state);
  expect(ports.hosts.ran).toEqual([apiStateScript]);
});

test('a cluster that is not known is not asked before its host says that there is one', async () => {
  ports.hosts.on(apiStateScript, '');
  expect(await siteOf(ports).api()).toBe('absent');
});
