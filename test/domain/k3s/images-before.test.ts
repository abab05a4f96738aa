import { expect, test } from '@jest/globals';
import {
  broughtImages,
  imageFactsScript,
  recordImagesScript,
  removeImagesScript,
} from '../../../src/domain/k3s/before/images.js';
import { expectGolden } from '../../support/golden.js';

const NATS = 'docker.io/library/nats:2.15.2-alpine';
const seen = (...lines: string[]): string => lines.join('\n');
const needed = ['nats:2.15.2-alpine'];

test.each<[what: string, lines: string[], brought: string[]]>([
  [
    'an image that pods needed, by each of its names',
    [`image=${NATS} sha256:1`, 'image=sha256:9 sha256:1'],
    [NATS, 'sha256:9'],
  ],
  [
    'an image of a tarball that no pod needed',
    ['tag=other:1', 'image=docker.io/library/other:1 sha256:2'],
    ['docker.io/library/other:1'],
  ],
])('%s goes with leafspan', (_what, lines, brought) => {
  expect(broughtImages(seen('before=pause', 'image=pause sha256:7', ...lines), needed)).toEqual(brought);
});

test.each<[what: string, lines: string[]]>([
  ['an image that was there before', [`before=${NATS}`, `image=${NATS} sha256:1`]],
  [
    'another name of one that came with leafspan, when it was there before',
    ['before=theirs:1', 'image=theirs:1 sha256:1'],
  ],
  ['an image that a pod of others runs from', [`image=${NATS} sha256:1`, 'image=theirs:2 sha256:1', 'used=theirs:2']],
  ['an image that someone else has brought since', ['image=theirs:3 sha256:3']],
  ['everything, when it is not known what was there', []],
])('%s stays', (_what, lines) => {
  expect(broughtImages(seen(...lines), needed)).toEqual([]);
});

test.each<[name: string, script: string]>([
  ['images-record', recordImagesScript],
  ['images-facts', imageFactsScript(["/var/lib/rancher/k3s/agent/images/it's.tar"], ['nats-system', 'linkerd'])],
  ['images-remove', removeImagesScript([NATS, 'sha256:9'])],
])('a host gets this script for images: %s', (name, script) => {
  expectGolden(`scripts/k3s/${name}.sh`, script);
});
