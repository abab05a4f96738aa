import { expect, test } from '@jest/globals';
import { renderK3sConfig } from '../../../src/domain/k3s/config.js';
import { parseK3sFacts, planK3s, type K3sFacts } from '../../../src/domain/k3s/install.js';
import { missingImages } from '../../../src/domain/k3s/images.js';
import { externalKubeconfig } from '../../../src/domain/k3s/kubeconfigs.js';
import { hostNamed, twoClusters } from '../../support/topologies.js';
import { fullReference } from '../../../src/domain/artifacts/image-place.js';

const host = { ...hostNamed('vm-a', 'cluster-a', '10.0.0.37'), externalAddress: '203.0.113.10' };
const config = renderK3sConfig(host, twoClusters().k3s);
const healthy: K3sFacts = { version: 'v1.36.3+k3s1', config, unit: 'active', enabled: true, runsCurrentBinary: true };

test.each<[behaviour: string, seen: Partial<K3sFacts>, changes: RegExp[]]>([
  ['leaves a healthy K3s alone', {}, []],
  ['restarts after a changed configuration', { config: 'node-name: other\n' }, [/config.yaml/, /restarted/]],
  ['restarts when the binary was replaced under it', { runsCurrentBinary: false }, [/restarted/]],
  ['starts a stopped unit', { unit: 'inactive' }, [/started/]],
  ['enables a unit that would not come back at boot', { enabled: false }, [/install script/]],
  ['leaves a K3s that is starting alone', { unit: 'activating' }, []],
])('%s', (_behaviour, seen, changes) => {
  expect(planK3s({ ...healthy, ...seen }, config).map(({ change }) => change)).toEqual(
    changes.map((change) => expect.stringMatching(change) as unknown as string),
  );
});

test('installs on a bare host', () => {
  const bare: K3sFacts = { version: 'v1.36.3+k3s1', enabled: false, runsCurrentBinary: false };
  expect(planK3s(bare, config).map(({ change }) => change)).toEqual([
    'wrote /etc/rancher/k3s/config.yaml',
    'ran the K3s install script',
    'started K3s',
  ]);
});

test('reads facts with a configuration that contains equals signs', () => {
  const facts = parseK3sFacts(
    'version=v1.36.3+k3s1\nunit=active\nenabled=yes\ncurrent=yes\nconfig=\nunit=no\nkey: a=b\n',
  );
  expect(facts).toEqual({
    version: 'v1.36.3+k3s1',
    unit: 'active',
    enabled: true,
    runsCurrentBinary: true,
    config: 'unit=no\nkey: a=b\n',
  });
});

test('reads a host without K3s', () => {
  expect(parseK3sFacts('')).toEqual({ enabled: false, runsCurrentBinary: false });
});

test('keeps the API server on the internal address of a host behind NAT', () => {
  expect(config).toContain('advertise-address: 10.0.0.37\nnode-external-ip: 203.0.113.10\n');
});

test.each([
  ['nats:2.15.2-alpine', 'docker.io/library/nats:2.15.2-alpine'],
  ['natsio/nats-box:0.19.7', 'docker.io/natsio/nats-box:0.19.7'],
  ['registry.k8s.io/pause:3.9', 'registry.k8s.io/pause:3.9'],
  ['localhost/nats:1', 'localhost/nats:1'],
])('knows %s as containerd does', (image, full) => {
  expect(fullReference(image)).toBe(full);
});

test('names the images that are not there yet', () => {
  expect(missingImages(['nats:1', 'a/b:2'], 'docker.io/library/nats:1\nsha256:00\n')).toEqual(['a/b:2']);
});

test('renames everything called default in a kubeconfig for outside', () => {
  const text = 'clusters:\n- cluster:\n    server: https://127.0.0.1:6443\n  name: default\ncurrent-context: default\n';
  expect(externalKubeconfig(text, 'cluster-a', '203.0.113.10')).toBe(
    'clusters:\n- cluster:\n    server: https://203.0.113.10:6443\n  name: cluster-a\ncurrent-context: cluster-a\n',
  );
});
