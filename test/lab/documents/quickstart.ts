import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BIN } from '../../support/cli/leafspan-cli.js';
import type { SystemLab } from '../support/system-lab.js';
import { QUICKSTART, shellLines } from './shell-lines.js';

/** npm as in a clone: only what the document runs with it. */
const NPM = `npm() { [ "$1 $2 $3" = 'run start --' ] || return 99; shift 3; ${process.execPath} ${BIN} "$@"; }`;

/** What a person would do or say besides: name the bundle, stop listening, confirm. */
const EXPECTED: readonly { like: RegExp; more?: string; output: RegExp; code?: number }[] = [
  { like: / -- init /, output: /next: npm run start -- plan -f topology\.yaml/ },
  { like: / -- plan /, output: /plan digest [0-9a-f]{64}/, code: 3 },
  { like: / -- provision /, output: /✔ plant-7 is up, every check passes/ },
  { like: / -- certs export /, output: /files written to certs/ },
  { like: /^nats .* sub /, more: ' --count=1 --raw', output: /Message #\d+/ },
  { like: / -- doctor /, output: /✔ nothing is wrong with plant-7/ },
  { like: / -- teardown /, more: ' --yes', output: /✔ plant-7 is removed/ },
];

/** Runs every shell line of the quickstart, in its order, in a bash, on the hosts of a lab, which are bare before and after. */
export function quickstart(lab: SystemLab): void {
  const directory = mkdtempSync(join(tmpdir(), 'leafspan-quickstart-'));
  let addresses: string[];
  beforeAll(() => {
    const { broker, leaves } = lab.written();
    addresses = [broker, ...leaves].map(({ hosts }) => hosts[0].ssh.address);
    copyFileSync(broker.hosts[0].ssh.privateKeyFile, join(directory, 'key'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  async function run(line: string): Promise<{ code: number; output: string }> {
    const { artifacts } = lab.written();
    const path = `${join(artifacts?.bundle ?? '', 'cli')}:${process.env['PATH'] ?? ''}`;
    const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', ...lab.environment(), PATH: path };
    const bash = spawn('bash', ['-c', `exec 2>&1; ${NPM}; ${line}`], { cwd: directory, env });
    const [output, [code]] = await Promise.all([text(bash.stdout), once(bash, 'close') as Promise<[number]>]);
    if (line.includes(' -- init '))
      appendFileSync(join(directory, 'topology.yaml'), `artifacts: { bundle: ${artifacts?.bundle} }\n`);
    return { code, output };
  }

  /** The document names hosts of its own. */
  const onLab = (line: string): string =>
    ['172.30.128.11', '172.30.128.12'].reduce(
      (all, theirs, index) => all.replaceAll(theirs, addresses[index] ?? ''),
      line,
    );

  const lines = shellLines(QUICKSTART);

  test('every shell line of the quickstart is tried', () => {
    const known = lines.map((line) => EXPECTED.findIndex(({ like }) => like.test(line)));
    expect(known).toEqual(EXPECTED.map((_, index) => index));
  });

  test.each(EXPECTED.map((expected, index) => ({ line: lines[index] ?? '', ...expected })))(
    'a reader of the quickstart runs: $line',
    async ({ line, more = '', output, code = 0 }) => {
      expect(await run(onLab(line) + more)).toEqual({ code, output: expect.stringMatching(output) as unknown });
    },
    300_000,
  );
}
