import { expect, test } from '@jest/globals';
import { roomWarnings } from '../../../src/domain/nats/streams/room.js';

const messages = (diskFreeMb: number, storageClass = 'local-path'): string[] =>
  roomWarnings({ diskFreeMb }, { maxFile: '2Gi', storageClass }).map(({ message }) => message);

test('a host with less room than its streams may take is warned of', () => {
  expect(messages(2_047)).toEqual(['streams may take 2Gi, and 2047 MiB are free in /var/lib']);
  expect(messages(2_048)).toEqual([]);
});

test('volumes of another class are not on the host, and without streams there are none', () => {
  expect(messages(10, 'network-disks')).toEqual([]);
  expect(roomWarnings({ diskFreeMb: 10 }, undefined)).toEqual([]);
});
