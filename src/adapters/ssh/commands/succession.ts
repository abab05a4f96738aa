import { createHash, randomUUID } from 'node:crypto';
import type { NodeSSH } from 'node-ssh';
import { LEASE_FILES } from '../../../domain/hosts/paths.js';
import type { LoginHost } from '../login/login-host.js';
import { BUSY, leaseFunctions, type Holder } from './lease.js';

/** Each has the machine, the connection and the process group as suffixes. */
export const SCRIPT_FILES = '/run/leafspan-script';

/** Of one connection. */
const sessions = new WeakMap<NodeSSH, string>();

function sessionOf(ssh: NodeSSH): string {
  const known = sessions.get(ssh) ?? randomUUID();
  sessions.set(ssh, known);
  return known;
}

/** The machine as this one reaches it: two hosts on one machine, as in tests, leave each other alone. */
const keyOf = ({ ssh: { address, port } }: LoginHost): string =>
  createHash('sha256').update(`${address} ${port}`).digest('hex').slice(0, 12);

/**
 * For scripts that change the host. While another holder's lease lasts, such a script ends with BUSY. What a lost connection
 * or a killed worker left running there is stopped: it would run beside its successor. A script has a file while it runs,
 * below /run, which a reboot empties. The file has the name of the connection and the process group, and holds the start
 * time of the group's leader, since numbers are used again, then the holder and the seconds since the host's start.
 *
 * `group` is set; sets `mine`, the file that `endOfScript` removes.
 */
export function stopPredecessors(host: LoginHost, ssh: NodeSSH, holder: Holder | undefined): string {
  const files = `${SCRIPT_FILES}.${keyOf(host)}`;
  const noted = holder === undefined ? '' : `; echo "${holder.id} $(uptime_now)"`;
  return `started() {
  local stat; { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  set -- \${stat##*) }
  echo "\${20}"
}
# Without a leader the number is still that of the group, as long as one process is left in it.
lives() {
  local group=\${1##*.} leader=
  read -r leader _ < "$1" || true
  [ ! -e "/proc/$group" ] || [ "$(started "$group")" = "$leader" ] || return
  kill -0 -- "-$group" 2>/dev/null
}
${leaseFunctions(`${LEASE_FILES}.${keyOf(host)}`, files, holder)}stop_predecessors() {
  local file old try
  for file in ${files}.*; do
    [ -e "$file" ] || continue
    case $file in ${files}.${sessionOf(ssh)}.*) continue ;; esac
    old=\${file##*.}
    if lives "$file"; then
      kill -TERM -- "-$old" 2>/dev/null && for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        kill -0 -- "-$old" 2>/dev/null || break
        sleep 0.1
      done
      kill -KILL -- "-$old" 2>/dev/null
    fi
    rm -f "$file"
  done
  mine=${files}.${sessionOf(ssh)}.$group
  { printf '%s ' "$(started "$group")"${noted}; } > "$mine"
}
mine=; take_lease || exit ${BUSY}
stop_predecessors || true
`;
}

export const endOfScript = '[ -z "$mine" ] || { rm -f "$mine"; keep_lease; }';
