import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { backupOf, merge, unmerge } from '../../src/starters/commands/kubeconfig/merge.js';
import { failureOf } from '../support/errors.js';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'leafspan-kube-'));
  file = join(directory, '.kube/config');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** As `kubeconfig` prints it. */
const ofCluster = (key = 'a2V5'): string => `apiVersion: v1
clusters:
- cluster: {certificate-authority-data: Y2E=, server: "https://192.0.2.10:6443"}
  name: cluster-a
contexts:
- context: {cluster: cluster-a, user: cluster-a}
  name: cluster-a
users:
- name: cluster-a
  user: {client-certificate-data: Y3J0, client-key-data: ${key}}
`;
const ENTRY = { name: 'cluster-a', topology: 'plant-7', cluster: 'cluster-a' };

const THEIRS = `# my clusters
apiVersion: v1
kind: Config
current-context: work
clusters:
  - name: work # of the office
    cluster:
      server: https://work.example.org:6443
contexts:
  - name: work
    context: { cluster: work, user: work }
users:
  - name: work
    user: { token: theirs }
`;

const text = (path = file): string => readFileSync(path, 'utf8');
const seen = (): { 'current-context': string; clusters: { name: string }[]; users: { name: string; user: object }[] } =>
  parse(text()) as ReturnType<typeof seen>;
const given = async (content: string): Promise<void> => {
  await merge(file, ofCluster(), ENTRY);
  writeFileSync(file, content);
};

test('a file that is not there is made, for its owner only', async () => {
  expect(await merge(file, ofCluster(), ENTRY)).toBe(true);
  expect(seen()).toMatchObject({
    'current-context': 'cluster-a',
    clusters: [{ name: 'cluster-a', cluster: { server: 'https://192.0.2.10:6443' } }],
    users: [{ name: 'cluster-a', user: { 'client-key-data': 'a2V5' } }],
    contexts: [{ name: 'cluster-a', context: { cluster: 'cluster-a', user: 'cluster-a' } }],
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('entries of others, comments and the current context stay; the file before is kept', async () => {
  await given(THEIRS);
  await merge(file, ofCluster(), ENTRY);
  expect(seen()['current-context']).toBe('work');
  expect(seen().clusters.map(({ name }) => name)).toEqual(['work', 'cluster-a']);
  expect(text()).toContain('# my clusters');
  expect(text()).toContain('- name: work # of the office');
  expect(text(backupOf(file))).toBe(THEIRS);
  expect(statSync(backupOf(file)).mode & 0o777).toBe(0o600);
});

test('a second merge changes nothing, and a renewed key replaces the former one', async () => {
  await merge(file, ofCluster(), ENTRY);
  expect(await merge(file, ofCluster(), ENTRY)).toBe(false);
  expect(await merge(file, ofCluster('bmV3'), ENTRY)).toBe(true);
  expect(seen().users.map(({ user }) => user)).toMatchObject([{ 'client-key-data': 'bmV3' }]);
});

test.each<[whose: string, content: () => Promise<void>]>([
  ['of the owner', () => given(THEIRS.replaceAll('work', 'cluster-a'))],
  ['of another topology', () => merge(file, ofCluster(), { ...ENTRY, topology: 'plant-8' }).then(() => undefined)],
])('an entry %s with the same name is never overwritten', async (_whose, content) => {
  await content();
  const before = text();
  expect(await failureOf(merge(file, ofCluster(), ENTRY))).toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(
      'has an entry "cluster-a" in clusters that is not of cluster "cluster-a"',
    ) as unknown,
    hint: expect.stringContaining('--name') as unknown,
  });
  expect(text()).toBe(before);
});

test('another name stands beside it', async () => {
  await given(THEIRS.replaceAll('work', 'cluster-a'));
  await merge(file, ofCluster(), { ...ENTRY, name: 'plant-7-a' });
  expect(seen().clusters.map(({ name }) => name)).toEqual(['cluster-a', 'plant-7-a']);
});

test('what was merged can be taken out, and only that', async () => {
  await given(THEIRS);
  await merge(file, ofCluster(), { ...ENTRY, name: 'mine' });
  expect(await unmerge(file, ENTRY)).toBe(true);
  expect(parse(text())).toEqual(parse(THEIRS));
  expect(await unmerge(file, ENTRY)).toBe(false);
});

test('a context that is taken out is no longer the current one', async () => {
  await merge(file, ofCluster(), ENTRY);
  await unmerge(file, ENTRY);
  expect(seen()).toMatchObject({ 'current-context': '', clusters: [], users: [] });
});

test('a link stays a link', async () => {
  await given(THEIRS);
  const link = join(directory, 'link');
  symlinkSync(file, link);
  await merge(link, ofCluster(), ENTRY);
  expect(seen().clusters).toHaveLength(2);
});

test.each<[what: string, content: string, message: RegExp]>([
  ['what is no YAML', 'a: [', /is not a kubeconfig: Flow sequence/],
  ['what is no map', '- a\n', /is not a kubeconfig: it is no YAML map/],
])('%s is left as it is', async (_what, content, message) => {
  await given(content);
  expect(await failureOf(merge(file, ofCluster(), ENTRY))).toMatchObject({ message: expect.stringMatching(message) });
  expect(text()).toBe(content);
});

test('a file that another program changes is left as it is', async () => {
  await given(THEIRS);
  writeFileSync(`${file}.lock`, '');
  expect(await failureOf(merge(file, ofCluster(), ENTRY))).toMatchObject({
    message: expect.stringMatching(/config\.lock is there: another program changes the file$/),
  });
  expect(text()).toBe(THEIRS);
});
