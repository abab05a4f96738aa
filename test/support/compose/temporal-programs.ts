import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesBelow, keyOf } from '../../../src/lab/bundle/cache-key.js';
import { findGo } from '../../../src/lab/bundle/go-toolchain.js';
import { fillAside } from '../../../src/lab/bundle/part-store.js';
import { withLock } from '../../../src/local/lock.js';
import { readSettings } from '../../../src/starters/settings.js';

const SOURCE = join(import.meta.dirname, 'temporal-module');
const MODULE = 'go.temporal.io/server';
const PROGRAMS = { 'temporal-server': 'cmd/server', 'temporal-sql-tool': 'cmd/tools/sql' };

const pinned = /^go\.temporal\.io\/server (v\S+) (h1:\S+)$/m.exec(readFileSync(join(SOURCE, 'go.sum'), 'utf8'));
const [, VERSION = '', CHECKSUM = ''] = pinned ?? [];

/** As Docker's tags have it. */
export const TEMPORAL_SERVER_VERSION = VERSION.slice(1);

/**
 * A directory with Temporal's server, its tool for databases and `schema`, all of the server's Go module. Three minutes on two
 * cores; cached by content. Several processes may ask at once: one builds, the others wait.
 */
export async function temporalPrograms(): Promise<string> {
  const { cacheDir } = readSettings({ env: process.env, home: homedir() });
  const directory = join(cacheDir, 'test-temporal-server', keyOf(filesBelow(SOURCE)));
  if (existsSync(directory)) return directory;
  mkdirSync(dirname(directory), { recursive: true });
  await withLock(join(cacheDir, 'test-temporal-server.lock'), {}, async () => {
    if (existsSync(directory)) return;
    // 200 MB each.
    for (const other of readdirSync(dirname(directory))) rmSync(join(dirname(directory), other), { recursive: true });
    await fillAside(directory, fill);
  });
  return directory;
}

async function fill(directory: string): Promise<void> {
  const go = await findGo(undefined);
  const module = await go.moduleDirectory(MODULE, VERSION, CHECKSUM);
  for (const [program, main] of Object.entries(PROGRAMS))
    await go.build(SOURCE, join(directory, program), [`${MODULE}/${main}`]);
  cpSync(join(module, 'schema'), join(directory, 'schema'), { recursive: true });
}
