import { ProvisionError } from '../../../contract/errors.js';
import { lastLines, redact } from '../../../domain/secrets/redact.js';
import type { LoginHost } from './login-host.js';
import { endpointOf, placeOf, settingOf } from '../ssh-errors.js';

/** Exit codes of a shell, and of env, for a program that cannot be run, and for one that is not there. */
const [NOT_EXECUTABLE, NOT_FOUND] = [126, 127];
const LINES_SHOWN = 10;

/** Why sudo did not run anything; undefined: it is not to blame. That it cannot resolve the host's name stops nothing. */
export function sudoSaid(code: number, stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => /\bsudo: /.test(line) && !/unable to resolve host/.test(line)).at(-1);
  if (said !== undefined) return said;
  if (code === NOT_FOUND) return 'sudo is not installed';
  return code === NOT_EXECUTABLE ? 'sudo cannot be run' : undefined;
}

type Cause = [said: RegExp, hint: (user: string) => string];

const CAUSES: readonly Cause[] = [
  [/must have a tty|tty present/, (user) => `add to /etc/sudoers.d/leafspan on the host: Defaults:${user} !requiretty`],
  [/is not installed/, () => 'install sudo on the host, or log in as root'],
  [
    /cannot be run|setuid|owned by uid 0|effective uid|no new privileges/,
    () => 'give sudo its rights back on the host (chown root:root and chmod 4755 /usr/bin/sudo), or log in as root',
  ],
  [
    /bash: command not found/,
    () => 'install bash on the host, or add /usr/bin and /bin to secure_path in its /etc/sudoers',
  ],
  [/expired|account validation/, (user) => `renew the account on the host: sudo chage -l ${user}`],
];

const noPassword = (user: string): string =>
  `add to /etc/sudoers.d/leafspan on the host: ${user} ALL=(ALL) NOPASSWD: ALL`;

export function sudoDenied(host: LoginHost, said: string): ProvisionError {
  const { user } = host.ssh;
  const [, hint] = CAUSES.find(([cause]) => cause.test(said)) ?? [];
  const what = hint === undefined ? 'cannot use sudo without a password' : 'cannot use sudo';
  return new ProvisionError(
    'SUDO_DENIED',
    `user "${user}" ${what} (${redact(said)})`,
    (hint ?? noPassword)(user),
    placeOf(host),
  );
}

/** The login worked, and then no shell came: a forced command, or a login shell that only says why not, or no bash. */
export function loginRefused(host: LoginHost, code: number, said: string): ProvisionError {
  const words = lastLines(said.trim(), LINES_SHOWN);
  const quoted = words === '' ? '' : `: ${words.split('\n')[0] ?? ''}`;
  return new ProvisionError(
    'SSH_AUTH_FAILED',
    `${endpointOf(host)} lets user "${host.ssh.user}" run no command (exit code ${code})${quoted}`,
    `set ${settingOf(host, 'user')} to a user that has bash and sudo`,
    placeOf(host),
    words === '' ? undefined : words,
  );
}

export const notStarted = (host: LoginHost, waitedMs: number): ProvisionError =>
  new ProvisionError(
    'COMMAND_FAILED',
    `${host.ssh.user === 'root' ? 'no shell has' : 'sudo has not'} started on the host within ${waitedMs / 1000} s`,
    'sudo waits for the resolver when the host cannot resolve its own name: add it to /etc/hosts, and correct /etc/resolv.conf',
    placeOf(host),
  );
