import { expect, test } from '@jest/globals';
import { nudgeScript, parseConf, type ConfSeen } from '../../../src/domain/nats/reload.js';

const FILE = '0f'.repeat(32);
const DIGEST = 'sha256:d1'.padEnd(71, '7');

/** Recorded with nats-server 2.15.2; the digest of the parsed configuration is another one than the file's. */
const VALID = `${FILE}  -\nnats-server: configuration file /etc/nats/nats.conf is valid (${DIGEST})\n`;
const INVALID = `${FILE}  -\nnats-server: /etc/nats/nats.conf:3:1: unknown field "no_such_field"\ncommand terminated with exit code 1\n`;

test.each<[seen: string, output: string, parsed: ConfSeen]>([
  ['a valid configuration', VALID, { file: FILE, digest: DIGEST }],
  ['a configuration that the server refuses', INVALID, { file: FILE }],
  ['a pod that is not there', 'Error from server (NotFound): pods "nats-broker-0" not found\n', {}],
  ['nothing', '', {}],
  ['a checksum that is cut off', `${FILE.slice(1)}  -\n`, {}],
])('reads what the pod says of %s', (_seen, output, parsed) => {
  expect(parseConf(output)).toEqual(parsed);
});

test('nudges with a value that differs by configuration, so that each change is one of the pod', () => {
  expect(nudgeScript('nats-broker', FILE)).toContain(
    `annotate pod nats-broker-0 leafspan.io/configuration=${FILE} --overwrite`,
  );
});
