import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Context } from '../../context.js';
import { printData } from '../../io.js';

const PROGRAM = fileURLToPath(new URL('../../../../bin/leafspan.js', import.meta.url));

/** What the worker would not find without the environment of a person. Keys are left out: a unit can be read by everyone. */
const CARRIED = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'];

/** A unit of systemd that keeps the worker of this installation and this user running. */
export function unit({ io, settings: { stateDir, childEnv } }: Pick<Context, 'io' | 'settings'>): number {
  const carried = CARRIED.map((name) => [name, childEnv[name]] as const);
  const environment = [['LEAFSPAN_STATE_DIR', stateDir] as const, ...carried].flatMap(([name, value]) =>
    value === undefined ? [] : [`Environment=${word(`${name}=${value}`)}`],
  );
  printData(
    io,
    `[Unit]
Description=leafspan worker
Wants=network-online.target
After=network-online.target

[Service]
User=${userInfo().username}
${environment.join('\n')}
ExecStart=${word(process.execPath)} ${word(PROGRAM)} worker
Restart=always
RestartSec=5
# Activities that run are let finish; what is left continues after the next start.
TimeoutStopSec=30
NoNewPrivileges=yes
ProtectSystem=full

[Install]
WantedBy=multi-user.target`,
  );
  return 0;
}

const word = (text: string): string =>
  `"${text.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
