import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Artifact, BundleManifest } from '../../src/domain/artifacts/bundle-manifest.js';
import { linkerdIn, linkLine } from '../../src/lab/link.js';
import { namesOf, ownBundles, type LabNames } from '../../src/lab/names.js';
import { feedInTopology, givenBundle, writeLabTopology, type Feed } from '../../src/lab/topology.js';

const file = { arch: 'amd64', file: 'x', sha256: '0'.repeat(64), size: 1 } as const;
const cli = (name: string, version: string): Artifact => ({ kind: 'cli', name, version, ...file });
const images = (...references: string[]): Artifact => ({
  ...{ kind: 'images', name: 'some', version: '1', images: references },
  ...file,
});
const bundle = (...artifacts: Artifact[]): BundleManifest => ({
  ...{ apiVersion: 'leafspan/bundle/v1', name: 'b' },
  artifacts,
});

const TOOL = cli('linkerd', 'edge-26.8.3');
const CONTROLLER = images('cr.l5d.io/linkerd/proxy:edge-26.8.3', 'cr.l5d.io/linkerd/controller:edge-26.8.3');

describe('Linkerd in a bundle', () => {
  test.each<[behaviour: string, artifacts: Artifact[], version: string | undefined]>([
    ['is there with its command line and its controller', [TOOL, CONTROLLER], 'edge-26.8.3'],
    ['is the one that is whole, of two', [cli('linkerd', 'edge-26.9.1'), TOOL, CONTROLLER], 'edge-26.8.3'],
    ['is missing in a bundle without either', [cli('helm', 'v4')], undefined],
    ['is missing without its images', [TOOL], undefined],
    ['is missing without its command line', [CONTROLLER], undefined],
    ['is missing when both differ', [cli('linkerd', 'edge-26.8.30'), CONTROLLER], undefined],
  ])('%s', (_behaviour, artifacts, version) => {
    expect(linkerdIn(bundle(...artifacts))).toBe(version);
  });

  test('decides the link, and one line says so', () => {
    expect([linkLine('edge-26.8.3'), linkLine(undefined)]).toEqual([
      'mesh: the bundle has Linkerd edge-26.8.3',
      'direct: the bundle has no Linkerd',
    ]);
  });
});

describe("the lab's topology", () => {
  let names: LabNames;
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'leafspan-lab-topology-'));
    names = namesOf({ name: 'x', stateDir: join(folder, 'state'), cacheDir: join(folder, 'cache') });
    mkdirSync(names.stateDir);
  });
  afterEach(() => rmSync(join(names.stateDir, '..'), { recursive: true }));

  const written = async (feed: Feed): Promise<unknown> => {
    await writeLabTopology(names, [], feed);
    return parse(readFileSync(names.topologyFile, 'utf8'));
  };

  test('links through the mesh of a bundle that has Linkerd', async () => {
    expect(await written({ bundle: '/b', linkerd: 'edge-26.8.3' })).toMatchObject({
      link: { mode: 'mesh', gateway: { exposure: 'loadBalancer' } },
      linkerd: { version: 'edge-26.8.3' },
      artifacts: { bundle: '/b' },
    });
  });

  test('links directly with a bundle that has none', async () => {
    const topology = await written({ bundle: '/b' });
    expect(topology).toMatchObject({ link: { mode: 'direct' }, artifacts: { bundle: '/b' } });
    expect(topology).not.toHaveProperty('linkerd');
  });

  test.each<[Feed]>([[{ bundle: '/b', linkerd: 'edge-26.8.3' }], [{ bundle: '/b' }], [{}]])(
    'gives back %j',
    async (feed) => {
      await written(feed);
      expect(feedInTopology(names)).toEqual(feed);
    },
  );

  test('tells a bundle that it was given from those that the lab makes', async () => {
    expect(givenBundle(names)).toBeUndefined();
    await written({ bundle: '/b' });
    expect(givenBundle(names)).toBe('/b');
    await written({ bundle: join(ownBundles(names), '0123') });
    expect(givenBundle(names)).toBeUndefined();
  });
});
