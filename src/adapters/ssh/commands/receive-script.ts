import { posix } from 'node:path';
import { SHA256_FUNCTION } from '../../../domain/hosts/checksum.js';
import { quote } from '../../../domain/hosts/quote.js';
import type { LocalFile, RemoteFile } from '../../../parts/ports.js';
import { ENVIRONMENT } from './script.js';
import { endOfScript } from './succession.js';

export const WRONG_CHECKSUM = 65;
/** The same, of a file that was continued: what was there before may be the reason. */
export const RESUMED_WRONG = 66;
export const CUT_OFF = 67;

/**
 * Writes standard input beside the target, and gives it its name when size and checksum are right. What arrived before the
 * connection was lost stays, and the next try of the same content continues there; a script that is stopped removes it.
 * The names of such files begin with a dot and the target's name, so teardown finds them, those of other contents are
 * removed, and K3s, which watches its images directory, ignores them. bash reads the script byte by byte from the same
 * input, and has read no further than its last line when that runs: what follows is the file. The greeting has a line of
 * its own whatever the login shell's start-up files have printed before it.
 */
export const receiveScript = (file: LocalFile, remote: RemoteFile, predecessors: string): string => {
  const directory = posix.dirname(remote.path);
  const prefix = posix.join(directory, `.${posix.basename(remote.path)}.leafspan-`);
  return `set -eu -o pipefail
${ENVIRONMENT}
read -r _ _ _ _ group _ < /proc/$$/stat
${SHA256_FUNCTION}
${predecessors}
broken() { rm -f "$part"; exit 1; }
receive() {
mkdir -p ${quote(directory)}
part=${quote(prefix + file.sha256.slice(0, 16))}
for other in ${quote(prefix)}*; do [ "$other" = "$part" ] || rm -f "$other"; done
trap broken TERM
have=0
[ ! -f "$part" ] || have=$(stat -c %s "$part")
[ "$have" -lt ${file.size} ] || have=0
[ "$have" -gt 0 ] || : > "$part"
printf '\\nleafspan-receives %s %s\\n' "$have" "$group"
dd of="$part" bs=256K oflag=append conv=notrunc status=none || broken
sum=$(sha256 < "$part")
if [ "$sum" != ${quote(file.sha256)} ]; then
  [ "$(stat -c %s "$part")" -ge ${file.size} ] || exit ${CUT_OFF}
  rm -f "$part"
  [ "$have" = 0 ] && exit ${WRONG_CHECKSUM} || exit ${RESUMED_WRONG}
fi
chmod ${remote.mode} "$part"
mv -f "$part" ${quote(remote.path)}
}
work() {
  set +e
  trap ${quote(`${endOfScript}; exit 143`)} TERM
  (set -e; receive)
  code=$?
  ${endOfScript}
  exit $code
}
work
`;
};

/** From where the receiver wants the file, and the process group by which it is stopped. */
export function parseGreeting(output: string): { have: number; group: number } | undefined {
  const [, have, group] = /^leafspan-receives (\d+) (\d+)$/m.exec(output) ?? [];
  return have === undefined ? undefined : { have: Number(have), group: Number(group) };
}
