import { beforeAll, expect, test } from '@jest/globals';
import { Cli, topologyFile } from '../support/cli/cli.js';

const cli = new Cli();
let topology: string;
beforeAll(() => {
  topology = cli.write('x.yaml', topologyFile());
});

test.each([
  ['a cluster that is not there', ['--from', 'nowhere'], /has no cluster "nowhere"/],
  ['one cluster as both ends', ['--from', 'cluster-a', '--to', 'cluster-a'], /cluster-a is both ends/],
  ['two leaves', ['--from', 'cluster-b', '--to', 'cluster-b'], /not between two leaves/],
])('bench refuses %s', async (_what, args, told) => {
  const { code, stderr } = await cli.run('bench', '-f', topology, ...args);
  expect(code).toBe(2);
  expect(stderr).toMatch(told);
});
