import { beforeEach, expect, test } from '@jest/globals';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { stampScript } from '../../../src/domain/artifacts/placement.js';
import { claimFactsScript } from '../../../src/domain/hosts/claim.js';
import { inventoryFactsScript, removeFilesScript } from '../../../src/domain/hosts/inventory.js';
import { apiStateScript } from '../../../src/domain/k3s/api-state.js';
import { imageFactsScript, removeImagesScript } from '../../../src/domain/k3s/before/images.js';
import { imageListScript, importFailureScript } from '../../../src/domain/k3s/images.js';
import { images, NAMESPACES } from '../../../src/parts/host/images.js';
import { k3sFilesPart } from '../../../src/parts/host/k3s-files.js';
import { tools } from '../../../src/parts/host/tools.js';
import { confirm, runChecks } from '../../../src/parts/run-checks.js';
import { BUNDLE, BUNDLE_SOURCE } from '../../support/bundle.js';
import { failureOf } from '../../support/errors.js';
import { FakeBundles } from '../../support/fakes/bundles.js';
import { fakePorts, type FakePorts } from '../../support/fakes/ports.js';
import { sha256Of } from '../../support/servers/release-server.js';
import { siteOf } from '../../support/parts/site.js';
import { hostNamed, twoClusters } from '../../support/topologies.js';

const scope = hubScope(twoClusters({ artifacts: BUNDLE_SOURCE }));
const IMAGES = '/var/lib/rancher/k3s/agent/images';
const OURS = 'claim={"topology":"plant-7","adopted":false}\n';
const ADOPTED = 'claim={"topology":"plant-7","adopted":true}\n';

type Name = 'k3s-files' | 'images' | 'tools';
/** Every file of a part: where it goes, the mode that it gets there, and the file of the bundle that it is. */
const FILES: Record<Name, [path: string, mode: string, file: string][]> = {
  'k3s-files': [
    ['/usr/local/bin/k3s', '0755', 'k3s'],
    ['/var/lib/leafspan/k3s-install.sh', '0700', 'install.sh'],
    [`${IMAGES}/k3s-images.tar`, '0644', 'images/k3s-images.tar'],
  ],
  images: [
    [`${IMAGES}/nats.tar`, '0644', 'images/nats.tar'],
    [`${IMAGES}/nats-box.tar`, '0644', 'images/nats-box.tar'],
    [`${IMAGES}/linkerd.tar`, '0644', 'images/linkerd.tar'],
  ],
  tools: [
    ['/usr/local/bin/linkerd', '0755', 'cli/linkerd'],
    ['/usr/local/bin/helm', '0755', 'cli/helm'],
  ],
};
const PARTS = {
  'k3s-files': k3sFilesPart,
  images: images(() => ['nats:2.15.2-alpine', 'natsio/nats-box:0.19.7']),
  tools: tools([]),
};
const NAMES: [Name][] = [['k3s-files'], ['images'], ['tools']];
const factsOf = (name: Name, whose = 'ours', content = ''): string =>
  FILES[name].map(([path, mode, file]) => `${sha256Of(file + content)} ${mode} ${whose} ${path}`).join('\n');

let ports: FakePorts;
beforeEach(() => {
  ports = fakePorts({ bundles: new FakeBundles(BUNDLE) });
});

/** A host with these files, in turn. */
const host = (claim: string, ...facts: string[]) =>
  ports.hosts
    .on(claimFactsScript, claim)
    .on(apiStateScript, '')
    .on(/type -P/, '')
    .on(/whose=ours/, ...facts)
    .on(/^grep -qsxF/, '')
    .on(/^echo "[0-9a-f]{64} /, '');

const see = (name: Name) => PARTS[name].see(siteOf(ports, scope));
const remove = (name: Name) => PARTS[name].seeForRemoval(siteOf(ports, scope));

test.each(NAMES)('%s: on a bare host every file is created, in the order in which it is needed', async (name) => {
  host(OURS, '', factsOf(name));
  const { steps, act } = await see(name);
  expect(steps).toEqual(FILES[name].map(([object]) => ({ verb: 'create', object, because: 'it is not there' })));
  await act(steps);
  expect(ports.hosts.uploads.map(({ file, remote }) => [remote.path, remote.mode, file.path])).toEqual(
    FILES[name].map(([path, mode, file]) => [path, mode, `/bundle/${file}`]),
  );
  expect(ports.hosts.ran.at(-1)).toBe(stampScript(FILES[name].map(([path, , is]) => ({ path, sha256: sha256Of(is) }))));
});

test.each(NAMES)('%s: whose the host is and what machine it is is asked once, and its files once', async (name) => {
  host(OURS, '');
  const { steps, act } = await see(name);
  await act(steps);
  const asked = ports.hosts.ran.filter((script) => script === claimFactsScript || script.includes('whose=ours'));
  expect(asked).toEqual([claimFactsScript, expect.stringContaining('whose=ours')]);
});

test.each(NAMES)('%s: the inventory knows of a file before it is sent', async (name) => {
  host(OURS, '');
  const { steps, act } = await see(name);
  await act(steps);
  const inventory = ports.hosts.ran.find((script) => script.startsWith('grep -qsxF'));
  expect(FILES[name].every(([path]) => inventory?.includes(`'${path}'`))).toBe(true);
});

test.each(NAMES)('%s: a second look finds nothing to do', async (name) => {
  host(OURS, factsOf(name));
  expect((await see(name)).steps).toEqual([]);
});

test.each(NAMES)('%s: a file of ours that was edited is sent again, alone', async (name) => {
  const [first = ['', '', ''], ...rest] = FILES[name];
  const [path, mode, file] = first;
  const others = rest.map(([at, of, is]) => `${sha256Of(is)} ${of} ours ${at}`);
  host(OURS, [`${sha256Of('edited')} ${mode} ours ${path}`, ...others].join('\n'));
  const { steps, act } = await see(name);
  expect(steps).toEqual([
    {
      verb: 'change',
      object: path,
      because: expect.stringMatching(/^it differs from /),
      diff: [`sha256: ${sha256Of('edited').slice(0, 8)} → ${sha256Of(file).slice(0, 8)}`],
    },
  ]);
  await act(steps);
  expect(ports.hosts.uploads.map(({ remote }) => remote.path)).toEqual([path]);
});

test('a file with another mode is a change, and the plan says which', async () => {
  host(OURS, factsOf('tools').replaceAll('0755', '0644'));
  expect((await see('tools')).steps).toMatchObject([
    { verb: 'change', diff: ['mode: 0644 → 0755'] },
    { verb: 'change', diff: ['mode: 0644 → 0755'] },
  ]);
});

test.each<[Name]>([['images'], ['tools']])('%s: a file that was there before us stays as it is', async (name) => {
  host(OURS, factsOf(name, 'theirs', 'of another release'));
  expect((await see(name)).steps).toEqual([]);
});

test('K3s itself has to be the one that is wanted, whoever put it there', async () => {
  host(OURS, factsOf('k3s-files', 'theirs', 'of another release'));
  expect((await see('k3s-files')).steps.map(({ object }) => object)).toEqual([
    '/usr/local/bin/k3s',
    '/var/lib/leafspan/k3s-install.sh',
  ]);
});

test('an adopted K3s keeps its binary and its images; the bundle is not even read for it', async () => {
  host(ADOPTED);
  expect((await see('k3s-files')).steps).toEqual([]);
  expect(ports.hosts.ran).toEqual([claimFactsScript]);
});

test('a K3s that is about to be adopted is already left alone in the plan', async () => {
  const broker = { ...scope.cluster, hosts: [{ ...hostNamed('vm-a', 'cluster-a', '192.0.2.10'), adopt: true }] };
  const adopting = { ...scope, cluster: broker };
  ports.kubernetes.onGet('/readyz', 200, 'ok');
  ports.hosts.on(claimFactsScript, '').on(apiStateScript, 'installed\nactive\nkubeconfig\n');
  expect((await k3sFilesPart.see(siteOf(ports, adopting))).steps).toEqual([]);
});

test('images that pods need first go first, whatever the order of the bundle', async () => {
  const { name, ...rest } = BUNDLE;
  const artifacts = [...rest.artifacts].reverse();
  ports = fakePorts({ bundles: new FakeBundles({ ...rest, name, artifacts }) });
  host(OURS, '');
  const paths = (await see('images')).steps.map(({ object }) => object);
  expect(paths.indexOf(`${IMAGES}/nats.tar`)).toBeLessThan(paths.indexOf(`${IMAGES}/linkerd.tar`));
});

test.each<[Name, string[]]>([
  ['k3s-files', ['/usr/local/bin/k3s', '/var/lib/leafspan/k3s-install.sh']],
  ['images', [`${IMAGES}/k3s-images.tar`, `${IMAGES}/nats.tar`]],
  ['tools', ['/usr/local/bin/helm']],
])('%s: a removal takes its own files of the inventory, and needs no bundle for it', async (name, files) => {
  const inventory = ['/usr/local/bin/k3s', '/var/lib/leafspan/k3s-install.sh', `${IMAGES}/k3s-images.tar`];
  inventory.push(`${IMAGES}/nats.tar`, '/usr/local/bin/helm');
  ports.hosts
    .on(claimFactsScript, OURS)
    .on(inventoryFactsScript, inventory.join('\n'), '')
    .on(/rm -f -- "\$file"/, '');
  const { steps, act } = await remove(name);
  expect(steps.map(({ verb, object }) => [verb, object])).toEqual(files.map((file) => ['delete', file]));
  await act(steps);
  expect((await remove(name)).steps).toEqual([]);
});

test('from an adopted K3s the images go that came with leafspan, before the tarballs that name them', async () => {
  const tarball = `${IMAGES}/nats.tar`;
  const nats = 'docker.io/library/nats:2.15.2-alpine';
  const listed = ['before=a', `image=${nats} sha256:1`, 'image=sha256:9 sha256:1'].join('\n');
  host(ADOPTED, '');
  ports.hosts
    .on(inventoryFactsScript, tarball, '')
    .on(imageFactsScript([tarball], NAMESPACES), listed)
    .on(imageFactsScript([], NAMESPACES), 'before=a')
    .on(removeImagesScript([nats, 'sha256:9']))
    .on(/rm -f -- "\$file"/, '');
  const { steps, act } = await remove('images');
  expect(steps.map(({ object }) => object)).toEqual([`image ${nats}`, 'image sha256:9', tarball]);
  await act(steps);
  expect(ports.hosts.ran.slice(-2)).toEqual([removeImagesScript([nats, 'sha256:9']), removeFilesScript([tarball])]);
  expect((await remove('images')).steps).toEqual([]);
});

const checksOfImages = () => PARTS.images.checks?.(scope) ?? [];

test('the part waits until K3s has imported every image that a pod needs', async () => {
  const [nats, box] = ['docker.io/library/nats:2.15.2-alpine\n', 'docker.io/natsio/nats-box:0.19.7\n'];
  ports.hosts.on(imageListScript, { code: 1 }, nats, nats + box).on(importFailureScript);
  await confirm(siteOf(ports, scope), checksOfImages());
  expect(ports.hosts.ran.filter((script) => script === imageListScript)).toHaveLength(3);
});

test('images that are not imported in time are named, with the command that shows why', async () => {
  ports.hosts.on(imageListScript, 'docker.io/library/nats:2.15.2-alpine\n').on(importFailureScript);
  expect(await failureOf(confirm(siteOf(ports, scope), checksOfImages()))).toMatchObject({
    code: 'NOT_READY',
    message: 'K3s has not imported natsio/nats-box:0.19.7',
    hint: 'on the host: sudo journalctl -u k3s | grep -i image',
  });
});

test('without a bundle K3s pulls the images itself, so there is nothing to check', () => {
  const released = hubScope(twoClusters());
  expect(PARTS.images.checks?.(released)).toEqual([]);
});

test('verify says which images are missing', async () => {
  ports.hosts.on(imageListScript, '').on(importFailureScript);
  const [result] = await runChecks(siteOf(ports, scope), checksOfImages());
  expect(result).toMatchObject({ id: 'images-imported', subject: 'cluster-a', verdict: { state: 'fail' } });
});
