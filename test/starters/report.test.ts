import { readFileSync, statSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Cli, topologyFile } from '../support/cli/cli.js';
import { ServedCli, TWELVE_LEAVES } from '../support/cli/served-cli.js';
import { pageOf } from '../support/html.js';
import { freePort } from '../support/servers/loopback.js';

/** Hosts that refuse at once. */
async function refusing(): Promise<object> {
  const port = await freePort();
  const host = (name: string, last: number): object => ({
    name,
    ssh: { address: `127.0.0.${last}`, port, user: 'ubuntu' },
    externalAddress: `192.0.2.${last}`,
  });
  const broker = { name: 'cluster-a', hosts: [host('vm-a', 1)] };
  return { broker, leaves: [{ name: 'cluster-b', hosts: [host('vm-b', 2)] }] };
}

test('without hosts, keys and a server the page says what it does not have, and only its owner can read it', async () => {
  const cli = new Cli();
  const { code, stdout, stderr } = await cli.run('report', '-f', cli.write('x.yaml', topologyFile(await refusing())));
  const file = join(cli.folder, 'plant-7-report.html');
  expect({ code, stdout, mode: statSync(file).mode & 0o777 }).toEqual({ code: 0, stdout: '', mode: 0o600 });
  expect(stderr).toContain(`written: ${file}`);
  expect(existsSync(join(cli.folder, 'state', 'temporal'))).toBe(false);
  const { text, errors } = pageOf(readFileSync(file, 'utf8'));
  expect(errors).toEqual([]);
  expect(text).toMatch(/the last run: no Temporal server runs here/);
  expect(text).toMatch(/the certificates: topology "plant-7" has no certificates yet/);
  expect(text).toMatch(/cluster-b\s+leaf\s+vm-b {1,2}192\.0\.2\.2\s+host does not respond/);
});

const served = new ServedCli();

test('the last run is drawn step by step, with what failed in it', async () => {
  served.system.fail('ensure k3s', 'vm-b', 'K3S_VERSION_DIFFERS', 'K3s <b>v1.35</b> is installed');
  const file = served.topology(await refusing());
  await served.run('provision', '-f', file);
  const { stdout } = await served.run('report', '-f', file, '-o', '-');
  const rows = pageOf(stdout)
    .all('div', 'row')
    .map(({ text }) => text.replace(/\s+/g, ' '));
  expect(rows).toContainEqual(expect.stringMatching(/^ claim the host \d/));
  expect(rows).toContainEqual(
    expect.stringMatching(/install and start K3s .*K3s <b>v1\.35<\/b> is installed \(K3S_VERSION_DIFFERS\)/),
  );
});

test('of a fleet each leaf is a bar', async () => {
  const file = served.topology({ ...(await refusing()), ...TWELVE_LEAVES });
  await served.run('provision', '-f', file);
  const { stdout } = await served.run('report', '-f', file, '-o', '-');
  const titles = pageOf(stdout)
    .all('div', 'what')
    .map(({ text }) => text.trim());
  expect(titles).toEqual(expect.arrayContaining(['cluster-b', 'cluster-m']));
});
