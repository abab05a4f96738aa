import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { inspectScript, parseFacts } from '../../../src/domain/hosts/facts.js';

const host = { name: 'vm-a', cluster: 'cluster-a' };

test('reads the facts of the machine that it runs on', () => {
  const before = Date.now();
  const output = execFileSync('bash', ['-s'], {
    input: inspectScript([], [{ address: '127.0.0.1', port: 1 }]),
    encoding: 'utf8',
  });
  const facts = parseFacts(host, output, { beforeMs: before, afterMs: Date.now() });
  expect(facts).toMatchObject({
    host: 'vm-a',
    cluster: 'cluster-a',
    reach: [{ address: '127.0.0.1', port: 1, state: 'refused' }],
  });
  expect(facts.memoryMb).toBeGreaterThan(100);
  expect(facts.cpus).toBeGreaterThan(0);
  expect(Math.abs(facts.clockOffsetMs)).toBeLessThan(10_000);
});

test('measures the clock from the middle of the call', () => {
  const facts = parseFacts(host, 'epochNs=40000000000\n', { beforeMs: 9_000, afterMs: 11_000 });
  expect(facts.clockOffsetMs).toBe(30_000);
});

test('keeps values that contain an equals sign', () => {
  expect(parseFacts(host, 'os=A=B\narch=x86_64\n', { beforeMs: 0, afterMs: 0 })).toMatchObject({
    os: 'A=B',
    arch: 'amd64',
  });
});
