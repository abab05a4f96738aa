import { X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { PeculiarMint } from '../../src/adapters/cert-mint/peculiar-mint.js';
import { AgeSecretStore } from '../../src/adapters/secret-store/age-secret-store.js';
import { certificatesOf, NATS_CA } from '../../src/domain/pki/profiles.js';
import { orders } from '../support/accounts.js';
import { Cli, topologyFile } from '../support/cli/cli.js';
import { LeafspanCli } from '../support/cli/leafspan-cli.js';

/** `nats` with a program on the PATH that notes what it was given; the broker's port is a listener on this machine. */
const RANGE = { from: 30_000, to: 32_767 };
const cli = new Cli();
const bin = join(cli.folder, 'bin');
const out = (file: string): string => join(cli.folder, 'out', file);
const env = {
  PATH: `${bin}:/usr/bin:/bin`,
  NATS_URL: 'nats://elsewhere',
  LEAFSPAN_STATE_DIR: join(cli.folder, 'state'),
};
const here = new Cli({ ...env, OUT: out('') });
let server: Server;
let port: number;
let topology: string;

async function listen(): Promise<void> {
  for (port = RANGE.from + (process.pid % 2_000); port < RANGE.to; port++) {
    const tried = createServer((socket) => {
      socket.once('error', () => undefined).once('data', () => socket.destroy());
      socket.write('INFO {}\r\n');
    });
    const open = await new Promise<boolean>((resolve) => {
      tried.once('error', () => resolve(false));
      tried.listen(port, '127.0.0.1', () => resolve(true));
    });
    server = tried;
    if (open) return;
  }
}

beforeAll(async () => {
  await listen();
  const accounts = [orders({ exports: [] })];
  const [broker, leaves] = ['cluster-a', ['cluster-b', 'cluster-c']];
  const store = new AgeSecretStore(join(cli.folder, 'state'));
  const mint = new PeculiarMint();
  const specs = certificatesOf({ topology: 'plant-7', broker, brokerAddresses: [], leaves, accounts });
  const [ca, ...others] = specs.filter(({ name }) => name.startsWith('nats/'));
  const signer = await mint.selfSigned((ca ?? fail()).profile);
  await store.write('plant-7', `${NATS_CA}.crt`, signer.certificate);
  for (const { name, profile } of others) {
    const pair = await mint.signedBy(signer, profile);
    await store.write('plant-7', `${name}.key`, pair.privateKey);
    await store.write('plant-7', `${name}.crt`, pair.certificate);
  }
  const host = (address: string) => ({ ssh: { address, user: 'ubuntu' } });
  topology = cli.write(
    'x.yaml',
    topologyFile({
      broker: { name: broker, hosts: [host('127.0.0.1')] },
      leaves: leaves.map((name, index) => ({ name, hosts: [host(`192.0.2.${index + 2}`)] })),
      nats: { clientNodePort: port, accounts, demo: true },
    }),
  );
}, 60_000);
afterAll(() => void server.close());

const fail = (): never => {
  throw new Error('no CA');
};

/** Puts a program on the PATH. */
function program(name: string, ...lines: string[]): void {
  writeFileSync(join(bin, name), ['#!/bin/bash', ...lines, ''].join('\n'));
  chmodSync(join(bin, name), 0o755);
}

beforeEach(() => {
  for (const directory of [bin, out(''), out('tmp')]) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
  }
});

const NOTES = [
  'printf "%s\\n" "$@" > "$OUT/args"',
  'env > "$OUT/env"',
  'while [ $# -gt 1 ]; do case $1 in --tls*) cat "$2" > "$OUT/${1#--}"; [ "$(stat -Lc %a "$2")" = 600 ] || exit 99 ;; esac; shift; done',
  'exit 7',
];
const noted = (file: string): string => readFileSync(out(file), 'utf8');

test.each<[who: string, user: string[], name: string, inboxes: string]>([
  ['the demo', [], 'subscriber', '_INBOX.cluster-a'],
  ['a user of an account', ['--user', 'ORDERS/audit'], 'audit', '_INBOX.outside.audit'],
])(
  'nats runs as %s, with its certificate and what else was asked for, and its exit code counts',
  async (_who, user, name, inboxes) => {
    program('nats', ...NOTES);
    const { code } = await here.run(
      'nats',
      'cluster-a',
      '-f',
      topology,
      ...user,
      '--',
      'sub',
      'test.messages',
      '--count=1',
    );
    expect(code).toBe(7);
    const args = noted('args').split('\n');
    expect(args.slice(0, 5)).toEqual([
      '--no-context',
      '--server',
      `tls://127.0.0.1:${port}`,
      '--inbox-prefix',
      inboxes,
    ]);
    expect(args.slice(-4)).toEqual(['sub', 'test.messages', '--count=1', '']);
    const { subject, issuer } = new X509Certificate(noted('tlscert'));
    expect([subject, issuer]).toEqual([expect.stringContaining(name), new X509Certificate(noted('tlsca')).subject]);
    expect(noted('tlskey')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(noted('env')).not.toContain('NATS_URL');
  },
);

test.each<[what: string, argv: string[], stderr: RegExp]>([
  [
    'a cluster that does not exist',
    ['cluster-x'],
    /no cluster "cluster-x"\nhint: its clusters are: cluster-a, cluster-b/,
  ],
  [
    'a user of another place',
    ['cluster-a', '--user', 'ORDERS/plc'],
    /"ORDERS\/plc" is no user at cluster "cluster-a"\nhint: pass --user with one of: subscriber, publisher, sys, ORDERS\/erp, ORDERS\/audit/,
  ],
  [
    'a machine without the program',
    ['cluster-a'],
    /nats is not on the PATH of this machine\nhint: install the nats CLI/,
  ],
])('nats refuses %s', async (_what, argv, stderr) => {
  const ran = await here.run('nats', ...argv, '-f', topology);
  expect(ran).toMatchObject({ code: 2, stderr: expect.stringMatching(stderr) });
});

const apart = (): LeafspanCli => new LeafspanCli({ ...env, OUT: out(''), TMPDIR: out('tmp') });

test('no file with a key is left, not even when leafspan is killed', async () => {
  program('nats', 'find "$TMPDIR" -name "leafspan-*" > "$OUT/left"', 'kill -KILL $PPID');
  const { code } = await apart().run('nats', 'cluster-a', '-f', topology);
  expect(code).toBeNull();
  expect(noted('left')).toBe('');
  expect(readdirSync(out('tmp'))).not.toContainEqual(expect.stringMatching(/^leafspan-/));
}, 30_000);

test.each(['TERM', 'INT'] as const)(
  'SIG%s reaches the program, and what it makes of it counts',
  async (signal) => {
    program('nats', `trap 'exit 9' ${signal}`, 'touch "$OUT/ready"', 'while :; do sleep 0.1; done');
    const { child, outcome } = apart().start('nats', 'cluster-a', '-f', topology);
    while (!existsSync(out('ready'))) await sleep(50);
    child.kill(`SIG${signal}`);
    expect((await outcome).code).toBe(9);
  },
  30_000,
);

test('a program that a signal has ended says so as a shell does', async () => {
  program('nats', 'kill -TERM $$');
  expect((await here.run('nats', 'cluster-a', '-f', topology)).code).toBe(128 + 15);
});

test('logs print the end of a file without what steers a terminal, and what is secret', async () => {
  mkdirSync(join(cli.folder, 'state/worker'), { recursive: true });
  const lines = Array.from({ length: 300 }, (_, index) => `line ${index}`);
  writeFileSync(
    join(cli.folder, 'state/worker/worker.log'),
    [...lines, '\u001b[2Jgone', 'password=hunter2', ''].join('\n'),
  );
  const { code, stdout } = await here.run('logs', 'worker', '--lines', '3');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'worker line 299\nworker \\u001b[2Jgone\nworker password=[redacted]\n',
  });
});

test('logs of what has written nothing say so', async () => {
  expect(await here.run('logs', 'temporal')).toEqual({ code: 0, stdout: '', stderr: 'temporal has written nothing\n' });
});

test('the Web UI of a server of your own is not guessed', async () => {
  const { code, stderr } = await new Cli({ TEMPORAL_ADDRESS: '192.0.2.1:7233' }).run('ui');
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('192.0.2.1:7233 is not known here'),
  });
});
