import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Step } from '../../../src/contract/plan.js';
import { hubScope } from '../../../src/contract/topology/scope.js';
import type { Topology } from '../../../src/contract/topology/topology.js';
import { archivedTools, toolDownloads } from '../../../src/domain/artifacts/tools.js';
import { unpackScript } from '../../../src/domain/artifacts/unpack.js';
import { tools } from '../../../src/parts/host/tools.js';
import { tarGzOf, zipOf } from '../../support/archives.js';
import { failureOf } from '../../support/errors.js';
import { BashHosts } from '../../support/fakes/bash-hosts.js';
import { fakePorts } from '../../support/fakes/ports.js';
import { siteOf } from '../../support/parts/site.js';
import { publishArchive } from '../../support/releases.js';
import { ReleaseServer, sha256Of } from '../../support/servers/release-server.js';
import { hostNamed, twoClusters } from '../../support/topologies.js';

/** Command-line tools without a bundle, in a real bash with tar and gzip, against archives on a loopback port. */
const BIN = '/usr/local/bin';
const LINKERD = '/linkerd/linkerd2/releases/download/edge-26.8.3/linkerd2-cli-edge-26.8.3-linux-amd64';

let root: string;
let server: ReleaseServer;
let hosts: BashHosts;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-tools-'));
  put('/var/lib/leafspan/claim.json', '{"topology":"plant-7","adopted":false}');
  put(`${BIN}/other`, 'theirs');
  hosts = new BashHosts(root);
  server = new ReleaseServer();
  await server.start();
  server.files.set(LINKERD, 'the linkerd CLI').set(`${LINKERD}.sha256`, `${sha256Of('the linkerd CLI')}\n`);
  hosts.before = pins();
});
afterEach(async () => {
  await server.stop();
  rmSync(root, { recursive: true });
});

const put = (path: string, content: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content, { mode: 0o755 });
};
const onHost = (path: string): string => readFileSync(join(root, path), 'utf8').replaceAll(root, '');

/** Checksum programs of the host that tell other checksums than they find. */
const telling = (pairs: readonly (readonly [is: string, told: string])[]): string => {
  const edits = pairs.map(([is, told]) => `-e s/${is}/${told}/`).join(' ');
  return ['openssl', 'sha256sum'].map((name) => `${name}() { command ${name} "$@" | sed ${edits}; }\n`).join('');
};

/** The pinned archives cannot be here, so the host tells the pinned checksum of each small one. */
const pins = (): string =>
  telling(archivedTools('amd64', server.url).map((tool) => [publishArchive(server, tool).sha256, tool.sha256]));

const part = tools([]);
const see = (changes: Partial<Topology> = {}) => {
  const topology = twoClusters({ artifacts: { from: 'releases', mirror: server.url }, ...changes });
  return part.see(siteOf(fakePorts({ hosts }), hubScope(topology)));
};
async function ensure(changes?: Partial<Topology>): Promise<Step[]> {
  const { steps, act } = await see(changes);
  await act(steps);
  return steps;
}
const objects = (steps: readonly Step[]): string[] => steps.map(({ verb, object }) => `${verb} ${object}`);

test('a bare host unpacks every tool, with its mode, into the inventory', async () => {
  const all = ['linkerd', 'helm', 'nats', 'step'].map((name) => `${BIN}/${name}`);
  expect(objects(await ensure())).toEqual(all.map((path) => `create ${path}`));
  expect(all.map(onHost)).toEqual(['the linkerd CLI', 'the helm CLI', 'the nats CLI', 'the step CLI']);
  expect(all.map((path) => statSync(join(root, path)).mode & 0o777)).toEqual(all.map(() => 0o755));
  expect(onHost('/var/lib/leafspan/files')).toBe(`${all.join('\n')}\n`);
  expect(readdirSync(join(root, BIN)).sort()).toEqual(['helm', 'linkerd', 'nats', 'other', 'step']);
  expect(readdirSync(join(root, '/var/lib/leafspan')).sort()).toEqual(['claim.json', 'files', 'stamps', 'sums']);
});

test('a second look downloads nothing and finds nothing to do', async () => {
  await ensure();
  server.asked.length = 0;
  expect(await ensure()).toEqual([]);
  expect(server.asked).toEqual([`${LINKERD}.sha256`]);
});

test('a tool that was edited is unpacked again, alone', async () => {
  await ensure();
  put(`${BIN}/nats`, 'edited');
  expect(objects(await ensure())).toEqual([`change ${BIN}/nats`]);
  expect(onHost(`${BIN}/nats`)).toBe('the nats CLI');
});

test.each<[where: string, directory: string]>([
  ['in the same place', BIN],
  ['in another directory', '/opt/theirs'],
])('a tool that was there before us %s stays, and is not hidden by ours', async (_where, directory) => {
  put(`${directory}/helm`, 'theirs');
  hosts.before += `PATH=${root}/opt/theirs:$PATH\n`;
  expect(objects(await ensure())).toEqual(['linkerd', 'nats', 'step'].map((name) => `create ${BIN}/${name}`));
  expect(onHost(`${directory}/helm`)).toBe('theirs');
  expect(onHost('/var/lib/leafspan/files')).not.toContain('helm');
});

test('the topology can name some tools, or none', async () => {
  expect(objects(await ensure({ tools: ['step'] }))).toEqual([`create ${BIN}/step`]);
  expect(await ensure({ tools: [] })).toEqual([]);
});

test('a tool of a mesh is not shipped twice', async () => {
  const site = siteOf(
    fakePorts({ hosts }),
    hubScope(twoClusters({ artifacts: { from: 'releases', mirror: server.url } })),
  );
  expect(objects((await tools(['linkerd']).see(site)).steps)).not.toContain(`create ${BIN}/linkerd`);
});

test('removal takes what we placed, and leaves what was there', async () => {
  put(`${BIN}/helm`, 'theirs');
  await ensure();
  const site = siteOf(fakePorts({ hosts }), hubScope(twoClusters()));
  const { steps, act } = await part.seeForRemoval(site);
  await act(steps);
  expect(readdirSync(join(root, BIN)).sort()).toEqual(['helm', 'other']);
});

const [helm, nats] = ['helm', 'nats'].map(
  (name) => () => toolDownloads('amd64', server.url).find((each) => each.name === name),
);
const bodies = (tool: 'helm' | 'nats', content: (member: string) => Buffer): void => {
  const download = (tool === 'helm' ? helm : nats)?.();
  const archive = content(download?.member ?? '');
  server.files.set(decodeURIComponent(new URL(download?.url ?? '').pathname), archive);
  hosts.before = telling([[sha256Of(archive), download?.sha256 ?? '']]);
};

test.each<[what: string, tool: 'helm' | 'nats', archive: (member: string) => Buffer, code: string, message: RegExp]>([
  ['the file', 'helm', () => tarGzOf({ other: 'x' }), 'ARTIFACT_CORRUPT', /has no program linux-amd64\/helm$/],
  [
    'the file',
    'nats',
    () => zipOf({ other: 'x' }),
    'ARTIFACT_CORRUPT',
    /has no program nats-0\.4\.0-linux-amd64\/nats$/,
  ],
  [
    'a file but a link',
    'helm',
    (member) => tarGzOf({ [member]: { link: '/etc/passwd' } }),
    'ARTIFACT_CORRUPT',
    /no program/,
  ],
  [
    'a file but a link',
    'nats',
    (member) => zipOf({ [member]: { link: '/etc/passwd' } }),
    'ARTIFACT_CORRUPT',
    /no program/,
  ],
  ['an archive', 'helm', () => Buffer.from('<html>'), 'ARTIFACT_CORRUPT', /no program/],
  ['an archive', 'nats', () => Buffer.from('<html>'), 'ARTIFACT_CORRUPT', /no program/],
])('an archive without %s is refused (%s)', async (_what, tool, archive, code, message) => {
  bodies(tool, archive);
  expect(await failureOf(ensure({ tools: [tool] }))).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(readdirSync(join(root, BIN))).toEqual(['other']);
  expect(readdirSync(join(root, '/var/lib/leafspan')).sort()).toEqual(['claim.json', 'files']);
});

test.each<['helm' | 'nats', (member: string) => Buffer]>([
  ['helm', (member) => tarGzOf({ [member]: Buffer.alloc(3_000) })],
  ['nats', (member) => zipOf({ [member]: Buffer.alloc(3_000) })],
])('an archive that unpacks to more than fits is refused (%s)', async (tool, archive) => {
  bodies(tool, archive);
  const download = (tool === 'helm' ? helm : nats)?.();
  const script = download === undefined ? '' : unpackScript(download, 2_000);
  const options = { signal: new AbortController().signal, failFast: true, okCodes: [47] };
  expect(await hosts.run(hostNamed('vm-a', 'cluster-a', '192.0.2.10'), script, options)).toMatchObject({ code: 47 });
  expect(readdirSync(join(root, BIN))).toEqual(['other']);
});

test('names in an archive that lead elsewhere are not followed', async () => {
  bodies('helm', (member) => tarGzOf({ evil: 'x', [member]: 'helm' }, '-P', '--transform', `s|^evil|${root}/evil|`));
  await ensure({ tools: ['helm'] });
  expect(onHost(`${BIN}/helm`)).toBe('helm');
  expect(readdirSync(root)).not.toContain('evil');
});

test('an archive of another checksum is refused', async () => {
  hosts.before = '';
  expect(await failureOf(ensure({ tools: ['step'] }))).toMatchObject({
    code: 'ARTIFACT_CORRUPT',
    message: expect.stringMatching(
      /^checksum mismatch for .*step_linux_0\.30\.6_amd64\.tar\.gz: got \w{64}, wanted e44a5dc5/,
    ),
  });
});

test('a mirror without a tool is reported with what to do', async () => {
  server.files.clear();
  expect(await failureOf(ensure({ tools: ['helm'] }))).toMatchObject({
    code: 'DOWNLOAD_REFUSED',
    hint: expect.stringContaining('tools in the topology') as unknown,
  });
});
