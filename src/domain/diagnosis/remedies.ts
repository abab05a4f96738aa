import { placeOf, type Examined, type Patient, type Place } from './examined.js';

/** What to do about a cause: a command to type, and what it is for. */
export interface Remedy {
  /** A clause in the imperative. */
  say: string;
  /** Of leafspan itself: its words. */
  leafspan?: string;
  /** For a shell on this machine. */
  shell?: string;
}

type Advise = (check: Examined, patient: Patient, at: Place, hub: Place) => Remedy;

const on = ({ login }: Place, command: string): string => `ssh ${login} ${command}`;
const KUBECTL = 'sudo k3s kubectl';

const onHost =
  (say: string, command: string): Advise =>
  (_check, _patient, at) => ({ say: `on ${at.host}, ${say}`, shell: on(at, command) });

const provision =
  (say: string): Advise =>
  (_check, { topology }) => ({ say, leafspan: `provision ${topology}` });

const renew =
  (say: string): Advise =>
  (_check, { topology }) => ({ say, leafspan: `certs renew ${topology}` });

const because = ({ verdict }: Examined): string => (verdict.state === 'fail' ? verdict.because : '');

/** Opens a port of the hub's host to the leaf's, by the firewall that is active there. */
const openPort: Advise = (check, { topology }, at, hub) => {
  const port = /:(\d+)/.exec(because(check))?.[1] ?? '';
  if (because(check).startsWith('nothing listens'))
    return {
      say: `see what serves port ${port} on ${hub.host}`,
      shell: on(hub, `${KUBECTL} get services,pods -A -o wide`),
    };
  const say = `open port ${port} of ${hub.host} (${hub.externalAddress}) to ${at.host} (${at.externalAddress})`;
  const command = OPENS[hub.firewall ?? '']?.(at.externalAddress, port);
  return command === undefined
    ? {
        say: `${say}: no firewall is active on ${hub.host}, so look between them; the rules are`,
        leafspan: `firewall ${topology}`,
      }
    : { say, shell: on(hub, command) };
};

const OPENS: Readonly<Record<string, (from: string, port: string) => string>> = {
  ufw: (from, port) => `sudo ufw allow proto tcp from ${from} to any port ${port}`,
  firewalld: (from, port) =>
    `"sudo firewall-cmd --permanent --add-rich-rule='rule family=ipv4 source address=${from} port port=${port} protocol=tcp accept' && sudo firewall-cmd --reload"`,
  iptables: (from, port) => `sudo iptables -I INPUT -p tcp -s ${from} --dport ${port} -j ACCEPT`,
};

const reachHub: Advise = (check, { topology }, at, hub) =>
  because(check).startsWith('no response')
    ? {
        say: `repair the route from ${at.host} to ${hub.host} (${hub.externalAddress}), or the firewall that drops everything between them; it is back when this works`,
        shell: on(at, `ping -c 3 ${hub.externalAddress}`),
      }
    : { say: `open these ports of ${hub.host} to ${at.host}; the rules are`, leafspan: `firewall ${topology}` };

const startK3s: Advise = (check, patient, at, hub) =>
  /k3s\.service: (?:inactive|failed)/.test(because(check))
    ? onHost('start K3s', 'sudo systemctl start k3s')(check, patient, at, hub)
    : onHost('read what K3s says', 'sudo journalctl -u k3s -n 50 --no-pager')(check, patient, at, hub);

const deletePods: Advise = (check, _patient, at) => {
  const pods = /: (.+)$/.exec(because(check))?.[1]?.replaceAll(',', '') ?? '';
  return because(check).startsWith('pods run without the proxy')
    ? {
        say: 'delete them: their owners make them again, with the proxy',
        shell: on(at, `${KUBECTL} -n nats-system delete pod ${pods}`),
      }
    : { say: 'see why they are not Ready', shell: on(at, `${KUBECTL} -n nats-system describe pods`) };
};

const describe = (namespace: string, what: string): Advise =>
  onHost('see why', `${KUBECTL} -n ${namespace} describe ${what}`);

const logIn: Advise = ({ verdict }, _patient, at) => ({
  say:
    (verdict.state === 'fail' ? verdict.permanent?.remedy : undefined) ??
    `start ${at.host}, or repair the route to it; it is back when this works`,
  shell: on(at, 'true'),
});

const room = onHost(
  'free disk space; the largest directories',
  "'sudo du -xh --max-depth=4 /var | sort -h | tail -n 20'",
);
const dns = onHost('bring CoreDNS back', `${KUBECTL} -n kube-system scale deployment/coredns --replicas=1`);

/** By id; the rest is in the documentation of each check. */
const ADVICE: Readonly<Record<string, Advise>> = {
  'host-responds': logIn,
  'host-clock': onHost('set the clock', 'sudo timedatectl set-ntp true'),
  'host-has-room': room,
  'node-has-room': room,
  'host-forwards': onHost(
    'see what sshd forbids, then allow it',
    '\'sudo sshd -T | grep -iE "allowtcpforwarding|permitopen"\'',
  ),
  'k3s-certificates-valid': onHost('restart K3s, which renews them', 'sudo systemctl restart k3s'),
  'api-server-ready': startK3s,
  'node-ready': onHost(
    'restart K3s, and read what it says',
    "'sudo systemctl restart k3s; sudo journalctl -u k3s -n 50 --no-pager'",
  ),
  'cluster-dns-runs': dns,
  'kubernetes-ready': onHost('see what is missing', `${KUBECTL} get nodes,pods -A`),
  'images-imported': onHost(
    'see why K3s does not import them',
    "'sudo journalctl -u k3s | grep -i image | tail -n 20'",
  ),
  'certificates-fit': provision('issue them again'),
  'certificates-last': renew('renew them'),
  'k3s-certificates-last': renew('renew them: it restarts K3s, and pods keep running'),
  'part-as-wanted': provision('restore it'),
  'hub-reachable': reachHub,
  'hub-api-open': openPort,
  'gateway-reachable': openPort,
  'gateway-probe-open': openPort,
  'broker-port-open': openPort,
  'client-port-open': openPort,
  'control-plane-available': describe('linkerd', 'pods'),
  'injector-injects': onHost(
    'restart the injector',
    `${KUBECTL} -n linkerd rollout restart deployment/linkerd-proxy-injector`,
  ),
  'gateway-available': describe('linkerd-multicluster', 'pods'),
  'local-mirror-available': describe('linkerd-multicluster', 'pods'),
  'mirror-controller-available': describe('linkerd-multicluster', 'pods'),
  'pods-meshed': deletePods,
  'trust-anchor-shared': provision(
    'install the same anchor in both clusters, then restart the pods that have the old one',
  ),
  'link-healthy': provision('restore the Link and its credentials'),
  'service-mirrored': (_check, _patient, at, hub) => ({
    say: 'restart the mirror controller, which looks at everything again',
    shell: on(at, `${KUBECTL} -n linkerd-multicluster rollout restart deployment/controller-${hub.cluster}`),
  }),
  'gateway-alive': (_check, _patient, at, hub) => ({
    say: `${at.host} reaches the gateway and its pods do not: look for a rule on ${at.host} that drops what pods send, then restart the mirror controller`,
    shell: on(at, `${KUBECTL} -n linkerd-multicluster logs deployment/controller-${hub.cluster} --tail=20`),
  }),
  'broker-ready': describe('nats-system', 'pod nats-broker-0'),
  'edge-available': describe('nginx-ingress', 'pods'),
  'edge-routes-valid': describe('nats-system', 'transportservers'),
  'edge-passes-tls': onHost(
    'read what NGINX says',
    `${KUBECTL} -n nginx-ingress logs deployment/nginx-ingress -c nginx-ingress --tail=20`,
  ),
  'monitoring-obeys-list': provision('restore the allow-list'),
  'leaf-ready': describe('nats-system', 'pod nats-leaf-0'),
  'programs-run': describe('nats-system', 'pods'),
  'leaf-linked': onHost('read what the leaf node says', `${KUBECTL} -n nats-system logs nats-leaf-0 -c nats --tail=20`),
  'broker-serves-certificate': provision('make the server load it'),
  'leaf-serves-certificate': provision('make the server load it'),
  'broker-accepts-probe': onHost(
    'read what the broker says',
    `${KUBECTL} -n nats-system logs nats-broker-0 -c nats --tail=20`,
  ),
  'leaf-accepts-probe': onHost(
    'read what the leaf node says',
    `${KUBECTL} -n nats-system logs nats-leaf-0 -c nats --tail=20`,
  ),
};

/** What waiting does not remove says itself what to do; the command shows more. */
export function remedyFor(check: Examined, patient: Patient): Remedy {
  const [at, hub] = [placeOf(patient, check.cluster), placeOf(patient, patient.hub)];
  const own = check.verdict.state === 'fail' ? check.verdict.permanent?.remedy : undefined;
  const advice = ADVICE[check.id]?.(check, patient, at, hub);
  if (advice === undefined) return { say: own ?? `see docs/troubleshooting.md#${check.docs}` };
  return own === undefined ? advice : { ...advice, say: own };
}

/** Keys of the checks for which a command is known; tests compare them with the checks that there are. */
export const ADVISED: readonly string[] = Object.keys(ADVICE);
