/** What a person got wrong, on the leaf's host or in what the topology says of it. Waiting does not help. */
export interface Cause {
  /** Makes it so on the host, as root. */
  make?: string;
  undo?: string;
  /** Of the host, in the topology. */
  host?: { internalAddress?: string; ssh?: object };
  /** Of the topology as a whole. */
  topology?: object;
  code: string;
  /** What happened, with its values, and what to do. */
  says: readonly RegExp[];
}

const SSHD = '/etc/ssh/sshd_config.d/10-theirs.conf';
const ENVIRONMENT = '/etc/environment';
const UNIT = '/etc/systemd/system/k3s.service.d';

/** On a host that leafspan has not touched: a plan says it. */
export const OF_BARE_HOSTS: readonly (readonly [what: string, cause: Cause])[] = [
  [
    'a login user whose key the host does not accept',
    {
      make: 'useradd -m theirs',
      undo: 'userdel -rf theirs 2>/dev/null',
      host: { ssh: { user: 'theirs' } },
      code: 'SSH_AUTH_FAILED',
      says: [/refused user "theirs"/, /ssh-copy-id .*theirs@/],
    },
  ],
  [
    'a login user who may not become root',
    {
      make: `useradd -m -s /bin/bash theirs; cp -r /home/ubuntu/.ssh /home/theirs/; chown -R theirs: /home/theirs/.ssh`,
      undo: 'userdel -rf theirs 2>/dev/null',
      host: { ssh: { user: 'theirs' } },
      code: 'SUDO_DENIED',
      says: [/user "theirs"/, /theirs ALL=\(ALL\) NOPASSWD: ?ALL/],
    },
  ],
  [
    'another machine at the address',
    {
      host: { ssh: { hostKey: `SHA256:${'A'.repeat(43)}` } },
      code: 'SSH_HOST_KEY_CHANGED',
      says: [/is SHA256:.*, not the known SHA256:A{43}/, /correct .*hostKey/],
    },
  ],
  [
    'an sshd that forbids forwarding',
    {
      make: `echo 'AllowTcpForwarding no' > ${SSHD}; systemctl reload ssh`,
      undo: `rm ${SSHD}; systemctl reload ssh`,
      code: 'SSH_FORWARDING_FORBIDDEN',
      says: [/forbids forwarding/, /AllowTcpForwarding/],
    },
  ],
  [
    'another Kubernetes',
    {
      make: 'mkdir -p /etc/kubernetes/manifests',
      undo: 'rm -r /etc/kubernetes',
      code: 'HOST_FOREIGN',
      says: [/\/etc\/kubernetes\/manifests/, /remove it, or use another host/],
    },
  ],
  [
    'a proxy that forbids the way to a release',
    {
      make: `[ -e ${ENVIRONMENT} ] || touch /run/theirs-new
echo https_proxy=http://127.0.0.1:3128 >> ${ENVIRONMENT}
printf 'read -r line; printf "HTTP/1.1 403 Forbidden\\\\r\\\\n\\\\r\\\\n"; sleep 1\\n' > /run/theirs-proxy
systemd-run --quiet --unit=theirs socat TCP-LISTEN:3128,fork,reuseaddr 'EXEC:sh /run/theirs-proxy'
until ss -Hltn | grep -q :3128; do sleep 0.1; done`,
      undo: `systemctl stop theirs; systemctl reset-failed theirs 2>/dev/null; rm /run/theirs-proxy; sed -i /^https_proxy=/d ${ENVIRONMENT}
[ ! -e /run/theirs-new ] || rm ${ENVIRONMENT} /run/theirs-new`,
      // Where nothing listens: the other host has no proxy, and is not to wait for one.
      topology: { artifacts: { mirror: 'https://127.0.0.1:1' } },
      code: 'DOWNLOAD_REFUSED',
      says: [
        /https:\/\/127\.0\.0\.1:1\/.* is not there, or a proxy forbids it/,
        /check the version .* artifacts\.mirror/,
      ],
    },
  ],
  [
    'a wrong address, a port that is taken, and programs that cannot be run, all at once',
    {
      make: `mount --bind /usr/local/bin /usr/local/bin; mount -o remount,bind,noexec /usr/local/bin
systemd-run --quiet --unit=theirs socat TCP-LISTEN:10250,fork,reuseaddr EXEC:cat; until ss -Hltn | grep -q :10250; do sleep 0.1; done`,
      undo: 'systemctl stop theirs; systemctl reset-failed theirs 2>/dev/null; umount /usr/local/bin',
      host: { internalAddress: '203.0.113.99' },
      code: 'PREFLIGHT_FAILED',
      says: [
        /internalAddress: "203\.0\.113\.99" — the host has no such address; it has 172\./,
        /set internalAddress of host "vm-b" to one of them/,
        /port 10250 is taken/,
        /sudo ss -ltnp 'sport = :10250'/,
        /nothing can be run from \/usr\/local\/bin/,
        /mount -o remount,exec/,
      ],
    },
  ],
];

/** In a system that works: a run meets it. */
export const OF_A_RUN: readonly (readonly [what: string, on: 'vm-a' | 'vm-b', cause: Cause])[] = [
  [
    'a K3s that ends soon after each start',
    'vm-b',
    {
      make: `systemctl stop k3s; mkdir ${UNIT}
printf '[Service]\\nExecStart=\\nExecStart=/usr/local/bin/k3s server --no-such-flag\\n' > ${UNIT}/theirs.conf; systemctl daemon-reload`,
      undo: `rm -r ${UNIT}; systemctl daemon-reload; systemctl restart k3s
until k get --raw /readyz >/dev/null 2>&1; do sleep 0.2; done`,
      code: 'K3S_CRASHES',
      says: [/ends soon after each start/, /no-such-flag/, /journalctl -u k3s/],
    },
  ],
  [
    "a Service of others that holds the broker's port",
    'vm-a',
    {
      make: `set -e; k -n nats-system delete service nats-broker-external >/dev/null
k create service nodeport theirs --tcp=80:80 --node-port=30722 >/dev/null`,
      undo: 'k delete service theirs >/dev/null',
      code: 'KUBE_OBJECT_REFUSED',
      says: [/nats-broker-external/, /provided port is already allocated/, /correct that/],
    },
  ],
];
