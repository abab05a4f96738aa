import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LeafspanCli } from '../../support/cli/leafspan-cli.js';
import type { SystemLab } from './system-lab.js';

/** The commands that run a program of this machine, with the real nats and kubectl of the lab's bundle on the PATH. */
export function access(lab: SystemLab): void {
  const directory = mkdtempSync(join(tmpdir(), 'leafspan-access-'));
  const kubeconfig = join(directory, 'config');
  let programs: string;
  let cli: LeafspanCli;
  beforeAll(() => {
    programs = join(lab.written().artifacts?.bundle ?? '', 'cli');
    const browser = join(directory, 'browser');
    writeFileSync(browser, `#!/bin/sh\necho "$1" > ${directory}/opened\n`, { mode: 0o755 });
    const env = { PATH: `${programs}:${process.env['PATH'] ?? ''}`, KUBECONFIG: kubeconfig, BROWSER: browser };
    cli = lab.cliWith(env);
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  const printed = async (...args: string[]): Promise<string> => (await cli.mustRun(...args)).stdout.trim();

  test('kubectl runs on this machine against each cluster', async () => {
    expect(await printed('kubectl', 'cluster-b', '--', 'get', 'nodes', '-o', 'name')).toBe('node/vm-b');
    expect(await cli.run('kubectl', 'cluster-a', '--', 'get', 'pod', 'no-such')).toMatchObject({ code: 1 });
  }, 60_000);

  test.each([
    ['at the broker, by its port', 'cluster-a'],
    ['at a leaf node, through a tunnel', 'cluster-b'],
  ])(
    'nats receives what the publisher sends %s',
    async (_where, cluster) => {
      expect(await printed('nats', cluster, '--', 'sub', 'test.messages', '--count=1', '--raw')).toMatch(
        /^Message #\d+/,
      );
    },
    60_000,
  );

  test.each([
    ['broker', /cluster-a nats-broker-0\/nats \[1\] /],
    ['subscriber', /cluster-b subscriber-\S+ .*Message #/],
    ['k3s', /cluster-b k3s .+/],
  ])(
    'logs print what %s has written',
    async (what, line) => {
      expect(await printed('logs', what)).toMatch(line);
    },
    60_000,
  );

  test('logs --follow print what comes, until Ctrl-C', async () => {
    const { child, outcome } = cli.start('logs', 'publisher', '--lines', '1', '--follow');
    const lines = await new Promise<string>((resolve) => {
      let seen = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.trim().split('\n').length > 1) resolve(seen);
      });
    });
    child.kill('SIGINT');
    expect((await outcome).code).toBe(130);
    expect(new Set(lines.trim().split('\n')).size).toBe(lines.trim().split('\n').length);
  }, 60_000);

  test('a merged kubeconfig works, and goes again', async () => {
    await cli.mustRun('kubeconfig', 'cluster-a', '--merge', '--name', 'lab-a');
    const options = ['--kubeconfig', kubeconfig, '--context', 'lab-a', 'get', 'nodes', '-o', 'name'];
    expect(execFileSync(join(programs, 'kubectl'), options).toString().trim()).toBe('node/vm-a');
    await cli.mustRun('kubeconfig', 'cluster-a', '--remove');
    expect(readFileSync(kubeconfig, 'utf8')).not.toContain('lab-a');
  }, 60_000);

  test('the Web UI opens in the browser', async () => {
    const page = await printed('ui');
    expect(page).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows$/);
    expect(readFileSync(join(directory, 'opened'), 'utf8').trim()).toBe(page);
  }, 60_000);
}
