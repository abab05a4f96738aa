import { ProvisionError } from '../../../contract/errors.js';
import { quote } from '../../../domain/hosts/quote.js';
import { placeOf } from '../ssh-errors.js';
import type { LoginHost } from '../login/login-host.js';

/** Who changes hosts: a state directory, with whatever worker, by its id and by words for people. */
export interface Holder {
  /** 16 hex digits. */
  id: string;
  /** Such as `root@laptop`. */
  name: string;
}

export const BUSY = 75;
/** How long after its last script a holder may come back before another one may change the host. */
const LEASE_SECONDS = 60;
/** A script that has run for longer holds the host no more: who started it may be gone for good. */
const SCRIPT_SECONDS = 1_800;

/**
 * Two state directories with the same keys, say on two machines, would stop each other's scripts in turn. So the one that
 * changes a host holds it: until a minute after its last script, and while one runs. The lease lies below /run and counts
 * the seconds since the host's start, so a reboot ends it, and setting the clock does not.
 *
 * Defines `take_lease`, which fails with BUSY while another one holds the host, and `keep_lease`. `lives` says whether the
 * script of a file still runs.
 * @param scripts prefix of the files of running scripts, each with the leader's start, the holder and the time
 */
export const leaseFunctions = (lease: string, scripts: string, holder: Holder | undefined): string =>
  holder === undefined
    ? 'take_lease() { :; }\nkeep_lease() { :; }\n'
    : `uptime_now() { local now; read -r now _ < /proc/uptime; echo "\${now%.*}"; }
write_lease() { echo "${holder.id} $(($(uptime_now) + ${LEASE_SECONDS}))" ${quote(holder.name)} > ${lease}; }
# A release has removed it.
keep_lease() { [ ! -e ${lease} ] || write_lease; }
others_script() {
  local file id since
  for file in ${scripts}.*; do
    [ -e "$file" ] || continue
    id=; read -r _ id since < "$file" || true
    case $id in '' | ${holder.id}) continue ;; esac
    [ "$((\${since:-0} + ${SCRIPT_SECONDS}))" -gt "$(uptime_now)" ] && lives "$file" && return
  done
  return 1
}
take_lease() (
  id=; until=0; name=
  ! command -v flock > /dev/null || flock -w 5 9
  [ ! -s ${lease} ] || read -r id until name < ${lease}
  case $id in
    '' | ${holder.id}) name='another machine'; left=0 ;;
    *) left=$((until - $(uptime_now))) ;;
  esac
  if [ "$left" -gt 0 ] || others_script; then
    echo "leafspan-busy $((left > 0 ? left : ${LEASE_SECONDS})) $name" >&2
    exit ${BUSY}
  fi
  write_lease
) 9>> ${lease}.lock
`;

const SAID = /^leafspan-busy (\d+) (.*)$/m;

/** undefined: the script ended for another reason. */
export function hostBusy(host: LoginHost, code: number, stderr: string): ProvisionError | undefined {
  const [, seconds = '', name = ''] = (code === BUSY ? SAID.exec(stderr) : null) ?? [];
  if (name === '') return undefined;
  return new ProvisionError(
    'HOST_BUSY',
    `${name} changes this host too; it is waited for, for at least another ${seconds} s`,
    'retrying; nothing to do: one waits for the other. Cancel one of the two commands if they do not belong together',
    placeOf(host),
  );
}
