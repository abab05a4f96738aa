import { expect, test } from '@jest/globals';
import type { Artifact } from '../../../src/domain/artifacts/bundle-manifest.js';
import { roomForMb } from '../../../src/domain/artifacts/room.js';

const MB = 1024 * 1024;
const artifact = (file: string, size: number, more: object): Artifact =>
  ({ name: file, version: 'v1', arch: 'amd64', file, sha256: '0'.repeat(64), size: size * MB, ...more }) as Artifact;

test('a host needs room for the files of its architecture and for what is unpacked from them', () => {
  const artifacts = [
    artifact('k3s', 70, { kind: 'k3s' }),
    artifact('nats.tar', 30, { kind: 'images', images: ['nats'] }),
    artifact('k3s-images.tar.zst', 200, { kind: 'images', images: ['pause'] }),
    artifact('helm', 50, { kind: 'cli', arch: 'any' }),
    artifact('k3s-arm64', 70, { kind: 'k3s', arch: 'arm64' }),
  ];
  expect(roomForMb({ apiVersion: 'leafspan/bundle/v1', name: 'b', artifacts }, 'amd64')).toBe(280 + 60 + 800 + 50);
});
