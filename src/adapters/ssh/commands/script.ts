import { endOfScript } from './succession.js';
import { quote } from '../../../domain/hosts/quote.js';
import { redact } from '../../../domain/secrets/redact.js';

/**
 * Bash reads the script from standard input. As the body of a function it is read whole before it runs, so that a command
 * in it cannot swallow the rest, and its own standard input is empty.
 *
 * What programs say is read here, so they say it in English. sudo's secure_path may leave out the directories of root's tools.
 *
 * `errexit` is off unless asked for: scripts that gather facts are lists of `[ test ] && echo`, which it would stop.
 * The marker names the process group, for stopping it, and shows that sudo let us in; what comes before it was printed by the
 * login shell's start-up files.
 */
export const wrapScript = (
  script: string,
  marker: string,
  { failFast, predecessors }: { failFast: boolean; predecessors?: string },
): string => `set -${failFast ? 'e' : ''}u -o pipefail
${ENVIRONMENT}
read -r _ _ _ _ group _ < /proc/$$/stat
echo "${marker} $group"
${predecessors ?? ''}unset group
main() {
:
${script}
}
${predecessors === undefined ? 'main < /dev/null\nexit $?' : inSubshell(failFast)}
`;

/** So that what follows it runs whatever the script does: it may exit, and set traps of its own. */
const inSubshell = (failFast: boolean): string => `set +e
trap ${quote(`${endOfScript}; exit 143`)} TERM
(${failFast ? 'set -e; ' : ''}main < /dev/null)
code=$?
${endOfScript}
exit $code`;

/** Of every script. A login user's own umask, which sudo keeps, would make directories that others must enter private. */
export const ENVIRONMENT =
  'umask 022; export LC_ALL=C PATH="${PATH:-}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"';

/** Splits the marker off. group undefined: the script has not started. */
export function splitMarker(output: string, marker: string): { group?: number; rest: string } {
  const at = output.indexOf(`${marker} `);
  const end = at < 0 ? -1 : output.indexOf('\n', at);
  if (end < 0) return { rest: '' };
  return { group: Number(output.slice(at + marker.length + 1, end)), rest: output.slice(end + 1) };
}

const TITLE_LENGTH = 120;

/** The first line that says something, for messages. */
export function titleOf(script: string): string {
  const line = script
    .split('\n')
    .map((text) => text.trim())
    .find((text) => text !== '' && !text.startsWith('#') && !/^set [-+]/.test(text));
  const title = redact(line ?? '').replace(/\s+/g, ' ');
  return title.length > TITLE_LENGTH ? `${title.slice(0, TITLE_LENGTH)}…` : title;
}
