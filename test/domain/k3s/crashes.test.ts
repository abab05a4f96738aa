import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseUnitState, unitStateScript } from '../../../src/domain/k3s/install.js';

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'leafspan-unit-'));
});
afterEach(() => {
  rmSync(bin, { recursive: true });
});

const program = (name: string, script: string): void =>
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** A unit as systemd shows it, whose process was started that many seconds ago, and the log of K3s. */
function stateOf(unit: { state: string; sub: string; restarts: number; age: number }, log: string[] = []) {
  const { state, sub, restarts, age } = unit;
  const started = `$(( ($(cut -d. -f1 /proc/uptime) - ${age}) * 1000000 ))`;
  program(
    'systemctl',
    `echo ActiveState=${state}; echo SubState=${sub}; echo NRestarts=${restarts}; echo "ExecMainStartTimestampMonotonic=${started}"`,
  );
  program('journalctl', `cat <<'EOF'\n${log.join('\n')}\nEOF`);
  return seen();
}

function seen() {
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  return parseUnitState(spawnSync('bash', ['-c', unitStateScript], { encoding: 'utf8', env }).stdout);
}

const FATAL = 'time="2026-11-27T07:00:00Z" level=fatal msg="flag provided but not defined: \\"-no-such-flag\\""';

test('a K3s that ends again and again is found, with the last fatal line of its log', () => {
  const log = ['time="…" level=info msg="Starting k3s"', FATAL, 'USAGE:'];
  expect(stateOf({ state: 'activating', sub: 'auto-restart', restarts: 3, age: 4 }, log)).toEqual({
    unit: 'k3s.service: activating',
    restarts: 3,
    said: 'flag provided but not defined: "-no-such-flag"',
  });
});

test('without a fatal line the last one is shown', () => {
  expect(stateOf({ state: 'failed', sub: 'failed', restarts: 5, age: 4 }, ['one', 'killed'])).toMatchObject({
    said: 'killed',
  });
});

test.each([
  ['has just begun to fail', { state: 'activating', sub: 'auto-restart', restarts: 2, age: 4 }],
  ['starts slowly after many restarts', { state: 'activating', sub: 'start', restarts: 9, age: 20 }],
])('a K3s that %s is waited for', (_behaviour, unit) => {
  expect(stateOf(unit, [FATAL])).toBe('k3s.service: activating');
});

test('a K3s that runs after many restarts is not blamed for them', () => {
  expect(stateOf({ state: 'active', sub: 'running', restarts: 9, age: 4 }, [FATAL])).toBe(
    'kubeconfig: not written yet',
  );
});

test('a K3s that comes up while it is looked at is seen by the same command', () => {
  program(
    'systemctl',
    `[ -e ${bin}/asked ] && echo ActiveState=active || echo ActiveState=activating; echo SubState=start; touch ${bin}/asked`,
  );
  expect(seen()).toBe('kubeconfig: not written yet');
});
