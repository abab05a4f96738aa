import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inventoryScript } from '../../../src/domain/artifacts/placement.js';
import { K3S_BINARY } from '../../../src/domain/hosts/paths.js';
import { k3sFactsScript, parseK3sFacts, scriptOf } from '../../../src/domain/k3s/install.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-k3s-'));
  for (const folder of ['bin', 'usr/local/bin', 'var/lib/leafspan', 'etc/systemd/system'])
    mkdirSync(join(root, folder), { recursive: true });
  program('usr/local/bin/k3s', 'echo "k3s version v1.36.3+k3s1 (0)"');
  writeFileSync(join(root, 'etc/systemd/system/k3s.service'), '');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const program = (path: string, script: string): void => {
  writeFileSync(join(root, path), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
};

/** A unit whose process has unpacked itself: none of its facts names the binary. */
const unitStarted = (at: Date): void => {
  const time = at.toISOString().slice(0, 19).replace('T', ' ');
  program('bin/systemctl', `echo ActiveState=active; echo "ExecMainStartTimestamp=Fri ${time} UTC"`);
};

const onHost = (script: string): string => {
  const moved = script.replaceAll(/(?<=[\s"'])\/(?=usr\/local|var\/lib|etc\/systemd)/g, `${root}/`);
  return spawnSync('bash', ['-c', moved], {
    encoding: 'utf8',
    env: { PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`, TZ: 'Asia/Kolkata' },
  }).stdout;
};

const runsCurrentBinary = (): boolean => parseK3sFacts(onHost(k3sFactsScript)).runsCurrentBinary;
const hoursFromNow = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);
const restart = scriptOf({ verb: 'restart', object: 'unit k3s.service', because: '' }, '');

describe('the real K3s runs from what it unpacked, not from its binary', () => {
  test.each<[behaviour: string, started: number, current: boolean]>([
    ['a K3s that was started after its binary came is left alone', 1, true],
    ['a K3s whose binary came after its start runs another one', -1, false],
  ])('%s', (_behaviour, started, current) => {
    unitStarted(hoursFromNow(started));
    expect(runsCurrentBinary()).toBe(current);
  });

  test('a binary that leafspan is about to replace makes the running one stale until the restart', () => {
    unitStarted(hoursFromNow(1));
    onHost(inventoryScript([K3S_BINARY]));
    expect(runsCurrentBinary()).toBe(false);
    onHost(restart);
    expect(runsCurrentBinary()).toBe(true);
  });

  test('a file of another kind makes nothing stale', () => {
    unitStarted(hoursFromNow(1));
    onHost(inventoryScript(['/usr/local/bin/linkerd']));
    expect(runsCurrentBinary()).toBe(true);
  });
});
