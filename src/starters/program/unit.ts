import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Context } from '../context.js';
import { printData } from '../io.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/leafspan.js', import.meta.url));

/** What a command would not find without the environment of a person. Keys are left out: a unit can be read by everyone. */
const CARRIED = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'];

interface Unit {
  description: string;
  /** The words of the command. */
  words: readonly string[];
  /** Further lines of its section Service. */
  service: string;
  /** What starts it, where no timer does. */
  wantedBy?: string;
}

/** A unit of systemd that runs a command of this installation as this user. */
export function printUnit(
  { io, settings: { stateDir, childEnv } }: Pick<Context, 'io' | 'settings'>,
  { description, words, service, wantedBy }: Unit,
): number {
  const carried = CARRIED.map((name) => [name, childEnv[name]] as const);
  const environment = [['LEAFSPAN_STATE_DIR', stateDir] as const, ...carried].flatMap(([name, value]) =>
    value === undefined ? [] : [`Environment=${word(`${name}=${value}`)}`],
  );
  printData(
    io,
    `[Unit]
Description=${description}
Wants=network-online.target
After=network-online.target

[Service]
User=${userInfo().username}
${environment.join('\n')}
ExecStart=${[process.execPath, PROGRAM].map(word).join(' ')} ${words.join(' ')}
${service}
NoNewPrivileges=yes
ProtectSystem=full${wantedBy === undefined ? '' : `\n\n[Install]\nWantedBy=${wantedBy}`}`,
  );
  return 0;
}

const word = (text: string): string =>
  `"${text.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
