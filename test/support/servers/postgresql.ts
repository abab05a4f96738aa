import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RELEASES = '/usr/lib/postgresql';

export interface PostgreSql {
  /** What a query gives, a row a line. */
  query(database: string, sql: string): string;
  stop(): Promise<void>;
}

/** A new PostgreSQL of Debian's on an address of loopback, with one user who may do all. */
export async function startPostgreSql(address: string, user: string, password: string): Promise<PostgreSql> {
  const programs = join(RELEASES, readdirSync(RELEASES).sort().at(-1) ?? '', 'bin');
  const folder = mkdtempSync(join(tmpdir(), 'leafspan-postgresql-'));
  const data = join(folder, 'data');
  writeFileSync(join(folder, 'password'), password);
  // It refuses to be run by root.
  const [start, ...as] =
    process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'] : ['env'];
  if (start === 'setpriv') execFileSync('chown', ['-R', 'postgres', folder]);
  const access = ['--username', user, '--auth=scram-sha-256', '--pwfile', join(folder, 'password')];
  execFileSync(start, [...as, join(programs, 'initdb'), '-D', data, '--no-sync', ...access], { stdio: 'pipe' });
  const settings = ['-c', `listen_addresses=${address}`, '-c', 'unix_socket_directories=', '-c', 'fsync=off'];
  const server = spawn(start, [...as, join(programs, 'postgres'), '-D', data, ...settings], { stdio: 'ignore' });
  while (spawnSync(join(programs, 'pg_isready'), ['-q', '-h', address]).status !== 0) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with ${server.exitCode}`);
    await sleep(50);
  }
  return {
    query: (database, sql) =>
      execFileSync(join(programs, 'psql'), ['-h', address, '-U', user, '-d', database, '-Atc', sql], {
        env: { ...process.env, PGPASSWORD: password },
        encoding: 'utf8',
      }).trim(),
    stop: async () => {
      server.kill('SIGQUIT'); // without waiting for clients
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}
