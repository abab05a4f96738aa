import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesCluster } from '../../../src/parts/ports.js';
import { ClientNodeKubernetes } from '../../../src/adapters/kubernetes/client-node-kubernetes.js';
import { SshHostShell } from '../../../src/adapters/ssh/ssh-host-shell.js';
import { isProvisionError } from '../../../src/contract/errors.js';
import type { Host } from '../../../src/contract/topology/topology.js';
import { failureOf } from '../../support/errors.js';
import type { ManifestObject, ObjectRef } from '../../../src/domain/kubernetes/objects.js';
import type { SystemLab } from './system-lab.js';

const NAMESPACE = 'adapter-test';
const object = (ref: ObjectRef & Record<string, unknown>): ManifestObject => ref;
const namespaced = (apiVersion: string, kind: string, name: string, rest: object): ManifestObject =>
  object({ apiVersion, kind, metadata: { name, namespace: NAMESPACE }, ...rest });
const configMap = (value: string): ManifestObject => namespaced('v1', 'ConfigMap', 'settings', { data: { value } });
const deployment = (replicas: number): ManifestObject => {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'docker.io/library/none:1' }] } };
  return namespaced('apps/v1', 'Deployment', 'web', {
    spec: { replicas, selector: { matchLabels: labels }, template },
  });
};
const objects = (value: string): ManifestObject[] => [
  object({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }),
  configMap(value),
  namespaced('v1', 'Secret', 'key', { stringData: { 'tls.key': 'very secret' } }),
  deployment(1),
];
/** With the fields that the Kubernetes client's own types know by other names. */
const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      default: { mode: 'strict' },
      properties: {
        mode: { type: 'string', default: 'strict', enum: ['strict', 'lax'] },
        port: { 'x-kubernetes-int-or-string': true },
        rest: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
};
const definition = object({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.test.leafspan.io' },
  spec: {
    group: 'test.leafspan.io',
    names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
    scope: 'Namespaced',
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: SCHEMA } }],
  },
});
const unknown = { apiVersion: 'nowhere.example/v1', kind: 'Nothing', metadata: { name: 'none' } };

/** The Kubernetes adapter against the real API server of a system that is up. The tests build on each other. */
export function kubernetesAccess(lab: SystemLab): void {
  const { signal } = new AbortController();
  const shell = new SshHostShell({
    knownHosts: { read: () => Promise.resolve(undefined), record: () => Promise.resolve() },
    agentSocket: undefined,
  });
  let streams = 0;
  const kubernetes = new ClientNodeKubernetes({
    open: (at) => {
      streams += 1;
      return shell.forward(at, '127.0.0.1', 6443, { signal });
    },
    kubeconfig: async (at, until) => (await shell.run(at, 'cat /etc/rancher/k3s/k3s.yaml', { signal: until })).stdout,
  });
  let host: Host;
  let cluster: KubernetesCluster;

  describe('the Kubernetes adapter', () => {
    beforeAll(async () => {
      const [{ ssh }] = lab.written().broker.hosts;
      const { address } = ssh;
      const place = { name: 'vm-a', cluster: 'cluster-a', internalAddress: address, externalAddress: address };
      host = { ...place, ssh: { ...ssh, port: 22 }, adopt: false };
      cluster = await kubernetes.cluster(host, { signal });
    });

    afterAll(async () => {
      await kubernetes.close();
      await shell.close();
    });

    /** Cuts every SSH connection of the login user, ours among them. */
    const cut = (): Promise<unknown> =>
      shell.run(host, `pkill -KILL -f 'sshd: ${host.ssh.user}'`, { signal }).catch(() => undefined);

    test('an apply returns the objects as they are then, and a second one stores nothing', async () => {
      const [, first] = await cluster.apply(objects('one'));
      const [, second] = await cluster.apply(objects('one'));
      const [, other] = await cluster.apply(objects('two'));
      expect(second).toEqual(first);
      expect([first, other]).toMatchObject([{ data: { value: 'one' } }, { data: { value: 'two' } }]);
    });

    test('reading answers the object, or undefined for what is not there', async () => {
      expect(await cluster.read({ ...configMap(''), apiVersion: 'v1', kind: 'ConfigMap' })).toMatchObject({
        data: { value: 'two' },
      });
      const none = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'none', namespace: NAMESPACE } };
      expect(await cluster.read(none)).toBeUndefined();
      expect(await cluster.read(unknown)).toBeUndefined();
      expect(await cluster.read({ ...unknown, apiVersion: 'v1' })).toBeUndefined();
    });

    test('pods are found by label', async () => {
      let pods = await cluster.pods(NAMESPACE, 'app=web');
      for (const deadline = Date.now() + 60_000; pods.length === 0 && Date.now() < deadline; await sleep(200))
        pods = await cluster.pods(NAMESPACE, 'app=web');
      expect(pods.map((pod) => pod.metadata?.labels?.['app'])).toEqual(['web']);
      expect(await cluster.pods(NAMESPACE, 'app=none')).toEqual([]);
    });

    test('a raw path answers its status', async () => {
      expect(await cluster.get('/readyz')).toEqual({ status: 200, body: 'ok' });
      expect((await cluster.get('/nowhere')).status).toBe(404);
    });

    test('what the API refuses is told in its words', async () => {
      const error = await failureOf(cluster.apply([deployment(-1)]));
      expect(error).toMatchObject({ code: 'KUBE_OBJECT_REFUSED', where: { host: 'vm-a' } });
      expect(error.message).toMatch(/^apply Deployment\/web: the Kubernetes API responded 422: .*spec\.replicas/);
    });

    test('a kind that the API does not know is told', async () => {
      expect(await failureOf(cluster.apply([object(unknown)]))).toMatchObject({
        code: 'KUBE_API_REFUSED',
        message: 'apply Nothing/none: the Kubernetes API does not know that kind',
      });
    });

    test.each([
      ['a key that is not allowed', 'KUBE_OBJECT_REFUSED', { stringData: { 'bad key/': 'very secret' } }],
      ['data that is not base64', 'KUBE_API_FAILED', { data: { key: 'very secret!' } }],
    ])('a Secret with %s is refused without its content, as %s', async (_fault, code, rest) => {
      const error = await failureOf(cluster.apply([namespaced('v1', 'Secret', 'bad', rest)]));
      expect(error.code).toBe(code);
      expect(JSON.stringify([error.message, error.output])).not.toContain('very secret');
    });

    test('a CustomResourceDefinition arrives with its whole schema, and a second apply changes nothing', async () => {
      const [first] = await cluster.apply([definition]);
      const [second] = await cluster.apply([definition]);
      expect(second?.metadata?.generation).toBe(first?.metadata?.generation);
      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.test.leafspan.io';
      expect(JSON.parse((await cluster.get(path)).body)).toMatchObject({
        spec: { versions: [{ schema: { openAPIV3Schema: SCHEMA } }] },
      });
    });

    test.each([
      ['a port', 'ClusterIP', { op: 'replace', path: '/spec/ports/0/port', value: 81 }],
      ['a port, and that has a port of the host', 'NodePort', { op: 'replace', path: '/spec/ports/0/port', value: 81 }],
    ])('a Service of which a person changed %s is made again', async (_, type, change) => {
      const port = { name: 'web', port: 80, ...(type === 'NodePort' ? { nodePort: 30_777 } : {}) };
      const service = namespaced('v1', 'Service', type.toLowerCase(), {
        spec: { type, selector: { app: 'web' }, ports: [port] },
      });
      const [before] = await cluster.apply([service]);
      lab.on(
        'vm-a',
        `k -n ${NAMESPACE} patch service ${type.toLowerCase()} --type json -p '${JSON.stringify([change])}'`,
      );
      expect(await cluster.preview(service)).toMatchObject({ remade: true });
      const [after] = await cluster.apply([service]);
      expect(after?.metadata?.uid).not.toBe(before?.metadata?.uid);
      expect(await cluster.apply([service])).toEqual([after]);
    });

    test('a dry run answers what would be stored, and stores nothing', async () => {
      const tried = namespaced('v1', 'ConfigMap', 'tried', { data: { value: 'one' } });
      expect(await cluster.dryRun(tried)).toMatchObject({ metadata: { name: 'tried' }, data: { value: 'one' } });
      expect((await cluster.get(`/api/v1/namespaces/${NAMESPACE}/configmaps/tried`)).status).toBe(404);
      expect((await failureOf(cluster.dryRun(configMap('taken')))).message).toMatch(/responded 409/);
    });

    test('many calls share a few connections', async () => {
      const before = streams;
      await Promise.all(Array.from({ length: 20 }, () => cluster.pods(NAMESPACE, '')));
      for (let call = 0; call < 20; call++) await cluster.get('/readyz');
      expect(streams - before).toBeLessThanOrEqual(4);
    });

    test('the same object goes on working after its connection was cut', async () => {
      await cut();
      await sleep(200);
      expect((await cluster.get('/readyz')).status).toBe(200);
      const before = streams;
      for (let call = 0; call < 10; call++) await cluster.get('/readyz');
      expect(streams - before).toBeLessThanOrEqual(4);
    });

    test('calls that are cut fail as such, and never end the process', async () => {
      for (let round = 0; round < 15; round++) {
        const calls = Array.from({ length: 6 }, (_, index) =>
          index % 2 === 0 ? cluster.get('/readyz') : cluster.pods('kube-system', ''),
        );
        const outcomes = await Promise.allSettled([...calls, cut()]);
        const failures = outcomes.flatMap((outcome) =>
          outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
        );
        for (const failure of failures) {
          expect(isProvisionError(failure)).toBe(true);
          expect(['KUBE_API_FAILED', 'SSH_CONNECTION_LOST']).toContain((failure as { code: string }).code);
        }
      }
      await sleep(200);
      expect((await cluster.get('/readyz')).status).toBe(200);
    });

    test('a caller who gives up gets the reason', async () => {
      const cancel = new AbortController();
      const mine = await kubernetes.cluster(host, { signal: cancel.signal });
      cancel.abort(new Error('cancelled by the test'));
      await expect(mine.get('/readyz')).rejects.toThrow('cancelled by the test');
    });

    test('removing tells whether there was something', async () => {
      const ref = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: NAMESPACE } };
      expect(await cluster.remove(ref)).toBe(true);
      expect(await cluster.remove(ref)).toBe(false);
      expect(await cluster.remove(unknown)).toBe(false);
    });
  });
}
