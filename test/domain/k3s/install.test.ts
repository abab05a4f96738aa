import { expect, test } from '@jest/globals';
import { renderK3sConfig } from '../../../src/domain/k3s/config.js';
import { decideK3s, parseK3sFacts, type K3sFacts } from '../../../src/domain/k3s/install.js';
import { missingImages } from '../../../src/domain/k3s/images.js';
import { hostNamed, twoClusters } from '../../support/topologies.js';
import { fullReference } from '../../../src/domain/artifacts/image-place.js';

const host = { ...hostNamed('vm-a', 'cluster-a', '10.0.0.37'), externalAddress: '203.0.113.10' };
const config = renderK3sConfig(host, twoClusters().k3s);
const healthy: K3sFacts = { version: 'v1.36.3+k3s1', config, unit: 'active', enabled: true, runsCurrentBinary: true };

const UNIT = 'unit k3s.service';
const UNIT_FILE = '/etc/systemd/system/k3s.service';
const CONFIG = '/etc/rancher/k3s/config.yaml';

test.each<[behaviour: string, seen: K3sFacts, steps: string[]]>([
  ['leaves a healthy K3s alone', healthy, []],
  [
    'restarts after a changed configuration',
    { ...healthy, config: 'node-name: other\n' },
    [`change ${CONFIG}`, `restart ${UNIT}`],
  ],
  ['restarts when the binary was replaced under it', { ...healthy, runsCurrentBinary: false }, [`restart ${UNIT}`]],
  ['starts a stopped unit', { ...healthy, unit: 'inactive' }, [`start ${UNIT}`]],
  ['enables a unit that would not come back at boot', { ...healthy, enabled: false }, [`change ${UNIT_FILE}`]],
  ['leaves a K3s that is starting alone', { ...healthy, unit: 'activating' }, []],
  [
    'installs on a bare host',
    { version: 'v1.36.3+k3s1', enabled: false, runsCurrentBinary: false },
    [`create ${CONFIG}`, `create ${UNIT_FILE}`, `start ${UNIT}`],
  ],
])('%s', (_behaviour, seen, steps) => {
  expect(decideK3s(seen, config).map(({ verb, object }) => `${verb} ${object}`)).toEqual(steps);
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
