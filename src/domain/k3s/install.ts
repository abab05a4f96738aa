import type { Step } from '../../contract/plan.js';
import { hostProxies } from '../hosts/proxy.js';
import { textDiff } from '../kubernetes/diff.js';
import { k3sCertificatesScript } from './certificates.js';
import {
  HOST_DIRECTORY,
  INSTALL_SCRIPT,
  K3S_BINARY,
  K3S_CONFIG_FILE,
  K3S_KUBECONFIG,
  K3S_STALE_MARK,
} from '../hosts/paths.js';

export interface K3sFacts {
  version?: string;
  config?: string;
  /** systemd's ActiveState of k3s.service; absent without the unit. */
  unit?: string;
  enabled: boolean;
  /** Of the running process; absent while none runs. ms since the epoch. */
  startedAt?: number;
  /** The running process was started from the binary and with the configuration that are there now. */
  runsCurrentBinary: boolean;
}

/**
 * Prints the facts as lines; the config comes last, after a marker. Changes nothing. K3s runs from a copy that it unpacked
 * (cmd/k3s/main.go, stageAndRun), so its executable says nothing about the binary: the mark does, and, for a binary
 * that something else replaced, the time at which it was written, against that of K3s's start. Within two seconds of
 * the start, or after now (the clock was set back), it says nothing.
 */
export const k3sFactsScript = `
[ -x ${K3S_BINARY} ] && read -r _ _ version _ < <(${K3S_BINARY} --version 2>/dev/null) && echo "version=$version"
if [ -f /etc/systemd/system/k3s.service ]; then
  started=
  while IFS='=' read -r name value; do
    case $name in ActiveState) echo "unit=$value" ;; ExecMainStartTimestamp) started=$value ;; esac
  done < <(TZ=UTC systemctl show -p ActiveState,ExecMainStartTimestamp k3s.service)
  systemctl is-enabled -q k3s.service && echo enabled=yes
  read -r _ day time _ <<<"$started"
  started=$(date -u -d "\${day:-1970-01-01} $time" +%s 2>/dev/null || echo 0)
  changed=$(stat -L -c %Y ${K3S_BINARY} 2>/dev/null || echo 0)
  [ "$changed" -gt "$(date +%s)" ] && changed=0
  [ ! -e ${K3S_STALE_MARK} ] && [ "$((started + 2))" -ge "$changed" ] && echo current=yes
  echo "started=$started"
${k3sCertificatesScript.trim()}
fi
[ -f ${K3S_CONFIG_FILE} ] && { echo "config="; cat ${K3S_CONFIG_FILE}; }
true
`;

export function parseK3sFacts(output: string): K3sFacts {
  const [head = '', config] = output.split(/^config=\n/m);
  const value = (key: string): string | undefined => new RegExp(`^${key}=(.+)$`, 'm').exec(head)?.[1];
  const [version, unit, started] = [value('version'), value('unit'), Number(value('started') ?? 0)];
  return {
    ...(version === undefined ? {} : { version }),
    ...(unit === undefined ? {} : { unit }),
    ...(config === undefined ? {} : { config }),
    ...(started > 0 ? { startedAt: started * 1_000 } : {}),
    enabled: value('enabled') === 'yes',
    runsCurrentBinary: value('current') === 'yes',
  };
}

export const K3S_UNIT = 'unit k3s.service';
const UNIT_FILE = '/etc/systemd/system/k3s.service';

/** TCP ports that a K3s server binds: API server, supervisor, kubelet, and what listens on loopback only. */
export const K3S_PORTS = [6443, 6444, 10_010, 10_248, 10_249, 10_250, 10_256, 10_257, 10_258, 10_259] as const;

/**
 * The steps to the wanted state of K3s, in order; empty when nothing is to do.
 * @param due why K3s is to be restarted although it is as wanted
 */
export function decideK3s(seen: K3sFacts, config: string, due?: string): Step[] {
  const steps: Step[] = [];
  if (seen.config === undefined) steps.push({ verb: 'create', object: K3S_CONFIG_FILE, because: 'it is not there' });
  else if (seen.config !== config)
    steps.push({
      verb: 'change',
      object: K3S_CONFIG_FILE,
      because: 'it differs from what is wanted',
      diff: textDiff(seen.config, config),
    });
  if (seen.unit === undefined) steps.push({ verb: 'create', object: UNIT_FILE, because: 'K3s is not installed' });
  else if (!seen.enabled) steps.push({ verb: 'change', object: UNIT_FILE, because: 'it does not start at boot' });
  const running = seen.unit === 'active' || seen.unit === 'activating';
  if (!running) steps.push({ verb: 'start', object: K3S_UNIT, because: `it is ${seen.unit ?? 'not there'}` });
  else if (seen.config !== config)
    steps.push({ verb: 'restart', object: K3S_UNIT, because: 'its configuration changes' });
  else if (!seen.runsCurrentBinary)
    steps.push({ verb: 'restart', object: K3S_UNIT, because: 'it runs another binary than the one that is wanted' });
  else if (due !== undefined) steps.push({ verb: 'restart', object: K3S_UNIT, because: due });
  return steps;
}

/** The script that carries out a step of `decideK3s`. */
export function scriptOf({ verb, object }: Step, config: string): string {
  if (object === K3S_CONFIG_FILE) return writeConfig(config);
  if (object === UNIT_FILE) return runInstallScript;
  return verb === 'start' ? startK3s : restartK3s;
}

const writeConfig = (config: string): string => `
mkdir -p "$(dirname ${K3S_CONFIG_FILE})" ${HOST_DIRECTORY}; touch ${K3S_STALE_MARK}
part=$(mktemp ${K3S_CONFIG_FILE}.XXXXXX)
cat > "$part" <<'LEAFSPAN_CONFIG'
${config}LEAFSPAN_CONFIG
chmod 0600 "$part"; mv -f "$part" ${K3S_CONFIG_FILE}
`;

/**
 * As for an air gap, with its own environment: the script writes proxy variables and K3S_* of its caller into the
 * service's environment. The host's own proxies belong there: K3s pulls images through them. It does not start the unit, because `systemctl start` of a Type=notify unit without a time-out
 * can wait for ever.
 */
const runInstallScript = `
${hostProxies}
env -i \${proxies[@]+"\${proxies[@]}"} PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
  INSTALL_K3S_SKIP_DOWNLOAD=true INSTALL_K3S_SKIP_SELINUX_RPM=true INSTALL_K3S_SKIP_START=true \
  bash ${INSTALL_SCRIPT} </dev/null
`;

const startK3s = `systemctl reset-failed k3s.service 2>/dev/null || true; systemctl --no-block start k3s.service; rm -f ${K3S_STALE_MARK}`;
const restartK3s = `systemctl --no-block restart k3s.service; rm -f ${K3S_STALE_MARK}`;

/** Restarts by systemd since the last start by leafspan or a person. The count stays when K3s has come up after all. */
const CRASHES = 3;
/** One that has run for so long does not end at once: it starts, slowly. */
const STARTS_SECONDS = 15;

/**
 * Prints systemd's ActiveState of K3s, and `kubeconfig` when that is written; the rest is asked of the API server. Of a K3s
 * that ends again and again also its restarts, and the last line of its log that says why, or its last line. While K3s
 * starts, the script itself looks for a second: it takes the host a tenth of what as many commands would.
 */
export const unitStateScript = `
look() {
  state= sub= restarts= started=
  while IFS='=' read -r name value; do
    case $name in
      ActiveState) state=$value ;;
      SubState) sub=$value ;;
      NRestarts) restarts=$value ;;
      ExecMainStartTimestampMonotonic) started=$value ;;
    esac
  done < <(systemctl show -p ActiveState,SubState,NRestarts,ExecMainStartTimestampMonotonic k3s.service)
}
for _ in 1 2 3 4 5; do
  look
  [ "$state $sub" = 'activating start' ] || break
  sleep 0.2
done
echo "$state"
[ -s ${K3S_KUBECONFIG} ] && echo kubeconfig
[ "$state" = activating ] || [ "$state" = failed ] || exit 0
[ "\${restarts:-0}" -ge ${CRASHES} ] || exit 0
read -r uptime _ < /proc/uptime
age=$(( \${uptime%.*} - \${started:-0} / 1000000 ))
[ "$sub" = start ] && [ $age -gt ${STARTS_SECONDS} ] && exit 0
log=$(journalctl -q -n 300 -o cat --no-pager _SYSTEMD_UNIT=k3s.service 2>/dev/null)
line=$(grep -aE 'level=fatal|^panic:|^fatal error:' <<<"$log" | tail -n 1)
echo "restarts=$restarts"
echo "said=$(cut -c 1-500 <<<"\${line:-$(tail -n 1 <<<"$log")}")"
`;

/** K3s ends soon after each start. */
export interface K3sCrashes {
  unit: string;
  restarts: number;
  /** Why, as far as K3s has said it. */
  said: string;
}

/** undefined: K3s runs and the API server can be asked. */
export function parseUnitState(output: string): string | K3sCrashes | undefined {
  const [state = 'unknown', ...lines] = output.trim().split('\n');
  const restarts = /^restarts=(\d+)$/m.exec(output)?.[1];
  const unit = `k3s.service: ${state}`;
  if (restarts !== undefined)
    return { unit, restarts: Number(restarts), said: messageIn(/^said=(.*)$/m.exec(output)?.[1]) };
  if (state !== 'active') return unit;
  return lines.includes('kubeconfig') ? undefined : 'kubeconfig: not written yet';
}

/** Of a line such as `time="…" level=fatal msg="…"` the message. */
function messageIn(line = ''): string {
  const quoted = /\bmsg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
  return quoted === undefined ? line : quoted.replaceAll(/\\(.)/g, '$1');
}
