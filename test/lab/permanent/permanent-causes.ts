import { beforeAll, expect, test } from '@jest/globals';
import type { SystemLab } from '../support/system-lab.js';
import { OF_A_RUN, OF_BARE_HOSTS, type Cause } from './causes.js';

const MINUTES = 60_000;

/** The lab's topology in which a person got the leaf's host wrong. */
function wrong(lab: SystemLab, name: string, { host = {}, topology = {} }: Pick<Cause, 'host' | 'topology'>): string {
  const { ssh = {}, ...changes } = host;
  const leaves = lab.written().leaves.map((leaf) => ({
    ...leaf,
    hosts: leaf.hosts.map((host) => ({ ...host, ...changes, ssh: { ...host.ssh, ...ssh } })),
  }));
  return lab.topologyWith(name, { name, leaves, ...topology });
}

function expectSaid(said: { code: number | null; stdout: string; stderr: string }, { code, says }: Cause): void {
  const text = said.stdout + said.stderr;
  expect(said.code).toBe(1);
  expect(text).toContain(code);
  for (const words of says) expect(text).toMatch(words);
}

/** Asks at once, since it takes as long as a host may reboot. @returns the test, for later */
export function addressOfNothing(lab: SystemLab): () => void {
  let asked: ReturnType<SystemLab['cli']['run']>;
  beforeAll(() => {
    asked = lab.cli.run('plan', '-f', wrong(lab, 'nowhere', { host: { ssh: { address: '203.0.113.99' } } }));
  });
  return () =>
    test(
      'a plan names an address at which there is nothing',
      async () => expectSaid(await asked, { code: 'SSH_UNREACHABLE', says: [/203\.0\.113\.99/, /firewall|address/] }),
      5 * MINUTES,
    );
}

export function causesOfBareHosts(lab: SystemLab): void {
  test.each(OF_BARE_HOSTS)(
    'a plan names %s, and what to do',
    async (_what, cause) => {
      lab.on('vm-b', cause.make ?? 'true');
      const said = await lab.cli.run('plan', '-f', wrong(lab, 'wrong', cause));
      lab.on('vm-b', cause.undo ?? 'true');
      expectSaid(said, cause);
    },
    5 * MINUTES,
  );
}

/** Each run ends by itself: nothing in it waits for what cannot come. */
export function causesOfARun(lab: SystemLab): void {
  test.each(OF_A_RUN)(
    'a run that meets %s ends by itself, and says what to do',
    async (_what, on, cause) => {
      lab.on(on, cause.make ?? 'true');
      const said = await lab.cli.run('provision');
      lab.on(on, cause.undo ?? 'true');
      expectSaid(said, cause);
    },
    10 * MINUTES,
  );
}
