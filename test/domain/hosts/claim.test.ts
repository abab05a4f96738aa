import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  claimFactsScript,
  claimRefusal,
  parseClaim,
  releaseScript,
  writeClaimScript,
  type Claim,
  type Claimant,
  type ClaimSeen,
} from '../../../src/domain/hosts/claim.js';

const INSTALLATION = '0123456789abcdef';
const MACHINE_ID = '0123456789abcdef0123456789abcdef';
/** The first 16 hex digits of the SHA-256 of the line. */
const MACHINE = '6ed6653dba3d6aee';
const OURS: Claim = {
  topology: 'plant-7',
  cluster: 'cluster-a',
  installation: INSTALLATION,
  machine: MACHINE,
  adopted: false,
};
const held = (claim: Claim, form: 'current' | 'old' = 'current'): ClaimSeen => ({
  state: 'held',
  claim,
  form,
  machine: MACHINE,
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-claim-'));
  writeFileSync(join(root, 'machine-id'), `${MACHINE_ID}\n`);
});
afterEach(() => rmSync(root, { recursive: true }));

const onHost = (script: string): string =>
  execFileSync('bash', ['-s'], {
    input: `set -e\n${script.replaceAll(/\/(?:var\/lib|run|etc)(?=\/)/g, root)}`,
    encoding: 'utf8',
  });
const directory = (): string => join(root, 'leafspan');
const put = (file: string, text: string): void => {
  mkdirSync(directory(), { recursive: true });
  writeFileSync(join(directory(), file), text);
};
const seen = (): ClaimSeen => parseClaim(onHost(claimFactsScript));

test('a bare host has no claim', () => {
  expect(seen()).toEqual({ state: 'none', machine: MACHINE });
});

test.each<[what: string, id: string]>([
  ['is empty, as in an image', ''],
  ['is that of a first boot that is not over', 'uninitialized\n'],
])('a machine whose id %s has no identity that lasts', (_what, id) => {
  writeFileSync(join(root, 'machine-id'), id);
  expect(seen()).toEqual({ state: 'none' });
});

test('a written claim is read back, readable for everybody, and nothing else is left in the directory', () => {
  onHost(writeClaimScript(OURS, 'create'));
  expect(seen()).toEqual(held(OURS));
  expect(statSync(join(directory(), 'claim.json')).mode & 0o777).toBe(0o644);
  expect(readdirSync(directory())).toEqual(['claim.json']);
});

test('the second of two that claim a host at once fails, and the claim of the first stays', () => {
  onHost(writeClaimScript(OURS, 'create'));
  expect(() => onHost(writeClaimScript({ ...OURS, topology: 'plant-8' }, 'create'))).toThrow();
  expect(seen()).toEqual(held(OURS));
  expect(readdirSync(directory())).toEqual(['claim.json']);
});

test('a claim of the old form is read, and replaced by one of the current form', () => {
  put('owner', 'plant-7\n');
  put('adopted', '');
  expect(seen()).toEqual(held({ topology: 'plant-7', adopted: true }, 'old'));
  onHost(writeClaimScript({ ...OURS, adopted: true }, 'replace'));
  expect(seen()).toEqual(held({ ...OURS, adopted: true }));
  expect(readdirSync(directory())).toEqual(['claim.json']);
});

test('what a writer that was cut off left behind is no claim, and goes with the next one', () => {
  put('.claim-abc123', '{"topo');
  expect(seen()).toEqual({ state: 'none', machine: MACHINE });
  onHost(writeClaimScript(OURS, 'create'));
  expect(readdirSync(directory())).toEqual(['claim.json']);
});

test.each<[what: string, file: string, text: string, saw: RegExp]>([
  ['an empty file', 'claim.json', '', /^is empty$/],
  ['a file that ends early', 'claim.json', '{"topology":"plant-7"', /^is not a claim: {"topology":"plant-7"$/],
  ['another JSON', 'claim.json', '[1]\n', /^is not a claim: \[1\]$/],
  ['a claim that does not say what was there before', 'claim.json', '{"topology":"plant-7"}', /^is not a claim/],
  ['a claim without a name', 'claim.json', '{"topology":"","adopted":false}', /^is not a claim/],
  ['a cluster without a name', 'claim.json', '{"topology":"a","adopted":false,"cluster":""}', /^is not a claim/],
  ['a machine that is none', 'claim.json', '{"topology":"a","adopted":false,"machine":"x"}', /^is not a claim/],
  [
    'an installation that is none',
    'claim.json',
    '{"topology":"a","adopted":false,"installation":7}',
    /^is not a claim/,
  ],
  ['zeros, as a power cut leaves them', 'claim.json', '\0\0\0\0', /^is empty$/],
  ['a file without end', 'claim.json', 'x'.repeat(100_000), /^is not a claim: x{80}$/],
  ['an empty file of the old form', 'owner', '\n', /^is empty$/],
])('%s is reported as what it is', (_what, file, text, saw) => {
  put(file, text);
  expect(seen()).toEqual({ state: 'unreadable', file: `/var/lib/leafspan/${file}`, saw: expect.stringMatching(saw) });
});

test('a claim that a person wrote over several lines, with fields of a later version, is one', () => {
  put('claim.json', '{\n  "topology": "plant-7",\n  "adopted": true,\n  "lease": {}\n}\n');
  expect(seen()).toMatchObject(held({ topology: 'plant-7', adopted: true }));
});

test('the release removes the directory with everything in it', () => {
  onHost(writeClaimScript(OURS, 'create'));
  put('files', '/usr/local/bin/k3s\n');
  mkdirSync(join(directory(), 'kubectl/cache'), { recursive: true });
  onHost(releaseScript);
  expect(existsSync(directory())).toBe(false);
});

test('what others had put into the directory before the claim stays, and only that', () => {
  mkdirSync(join(directory(), 'topologies/lab/secrets'), { recursive: true });
  put('id', 'theirs');
  put('sums', 'of an installation whose claim was deleted');
  onHost(writeClaimScript(OURS, 'create'));
  put('files', '/usr/local/bin/k3s\n');
  onHost(releaseScript);
  expect(readdirSync(directory()).sort()).toEqual(['id', 'topologies']);
  expect(existsSync(join(directory(), 'topologies/lab/secrets'))).toBe(true);
  expect(seen()).toEqual({ state: 'none', machine: MACHINE });
});

test('a link in place of the directory stays', () => {
  mkdirSync(join(root, 'disk'));
  symlinkSync(join(root, 'disk'), directory());
  onHost(writeClaimScript(OURS, 'create'));
  onHost(releaseScript);
  expect(readdirSync(join(root, 'disk'))).toEqual([]);
  expect(readlinkSync(directory())).toBe(join(root, 'disk'));
});

test('a release that cannot remove everything keeps the claim', () => {
  onHost(writeClaimScript(OURS, 'create'));
  put('files', '');
  expect(() => onHost(`find() { return 1; }\n${releaseScript}`)).toThrow();
  expect(readFileSync(join(directory(), 'claim.json'), 'utf8')).toBe(`${JSON.stringify(OURS)}\n`);
});

const CLAIMANT: Claimant = { topology: 'plant-7', cluster: 'cluster-a', installation: INSTALLATION };

test.each<[whose: string, seen: ClaimSeen]>([
  ['is not claimed', { state: 'none' }],
  ['this installation has claimed', held(OURS)],
  ['this topology has claimed in the old form', held({ topology: 'plant-7', adopted: false }, 'old')],
  ['has no identity that lasts', { state: 'held', claim: OURS, form: 'current', machine: undefined }],
])('a host that %s is taken', (_whose, claim) => {
  expect(claimRefusal(claim, CLAIMANT)).toBeUndefined();
});

test.each<[whose: string, seen: ClaimSeen, installation: string | undefined, code: string, message: RegExp]>([
  ['of another topology', held({ ...OURS, topology: 'plant-8' }), INSTALLATION, 'HOST_LOCKED', /topology "plant-8"/],
  [
    'of another installation',
    held(OURS),
    'fedcba9876543210',
    'INSTALLATION_DIFFERS',
    /its NATS CA is 0123456789abcdef, the one here is fedcba9876543210/,
  ],
  ['of an installation, asked for without keys', held(OURS), undefined, 'INSTALLATION_DIFFERS', /there is none here/],
  [
    'that is a copy of the disk of another one',
    held({ ...OURS, cluster: 'cluster-b', machine: 'fedcba9876543210' }),
    INSTALLATION,
    'MACHINE_DIFFERS',
    /^is a copy of the host of cluster "cluster-b".*names machine fedcba9876543210, and this is machine 6ed6653dba3d6aee$/,
  ],
  [
    'of another cluster',
    held({ ...OURS, cluster: 'cluster-b' }),
    INSTALLATION,
    'CLUSTER_DIFFERS',
    /^serves cluster "cluster-b".*says cluster "cluster-a"$/,
  ],
  [
    'whose claim is empty',
    { state: 'unreadable', file: '/var/lib/leafspan/claim.json', saw: 'is empty' },
    INSTALLATION,
    'CLAIM_UNREADABLE',
    /^\/var\/lib\/leafspan\/claim.json is empty$/,
  ],
])('a host %s is refused', (_whose, claim, installation, code, message) => {
  expect(claimRefusal(claim, { ...CLAIMANT, installation })).toEqual({
    code,
    message: expect.stringMatching(message),
    remedy: expect.any(String),
  });
});
