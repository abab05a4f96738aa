import { execFileSync } from 'node:child_process';

/** Runs a script on a lab host as root. */
export type OnHost = (host: string, script: string) => string;

export const overSsh =
  (keyFile: string, addresses: Record<string, string>): OnHost =>
  (host, script) =>
    execFileSync(
      'ssh',
      [
        '-i',
        keyFile,
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-o',
        'LogLevel=ERROR',
        '-o',
        'ConnectTimeout=10',
        `ubuntu@${addresses[host] ?? host}`,
        'sudo bash -s',
      ],
      { input: script, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: 60_000 },
    );

/** A copy of K3s's ipset: the sets of its network policies outlive K3s, and the hosts have no tool of their own. */
export const SETS_TOOL = '/tmp/leafspan-ipset';

/** All that a teardown must bring back: files, units, mounts, interfaces, packet filter and its sets, listeners, processes. Logs and clocks differ by nature. */
const BARE_HOST = `
find /etc /usr /opt /root /home /srv /var/lib /var/log /var/cache -xdev \
  -not -path '/var/lib/systemd/*' -not -path '/var/log/journal/*' -not -path '/var/lib/private/*' -not -path '/var/log/*.log' -not -path '/var/log/[wb]tmp' -not -path '/var/log/lastlog' \
  \\( -type d -printf 'dir %p %m %u:%g\\n' -o -printf 'file %p %m %u:%g %s %l\\n' \\) | sort
find /run -xdev -maxdepth 1 -printf 'run %p\\n' | grep -v '/run/sudo' | sort
systemctl list-unit-files --no-legend --plain | awk '{print "unit-file", $1, $2}' | sort
systemctl list-units --all --no-legend --plain --type=service | awk '{print "unit", $1}' | grep -v 'session\\|user@\\|user-runtime\\|systemd-' | sort
awk '{print "mount", $2, $3}' /proc/self/mounts | grep -v '/run/user' | sort
ip -o link show | awk -F': ' '{print "link", $2}' | sort
ip netns list | sed 's/^/netns /'
for family in iptables ip6tables; do $family-save | grep -E '^(-A|:[A-Z]+-)' | sed "s/^/$family /"; done
nft -s list tables | grep -vE ' (filter|nat|mangle|raw|security)$' | while read -r table; do nft -s list $table; done
grep -hs '^### tuple ###' /etc/ufw/user.rules
if [ -x ${SETS_TOOL}/ipset ]; then ${SETS_TOOL}/ipset list -n | sed 's/^/set /'; fi
ss -Hltn | awk '{print "listens", $4}' | sort
ps -eo comm= | grep -vE '^(ps|awk|sort|bash|sshd|sudo|find|sed|grep|systemd.*|\\(sd-pam\\)|kworker.*)$' | sort -u | sed 's/^/process /'
true
`;

export const bareHost = (on: OnHost, host: string): string[] => on(host, BARE_HOST).split('\n');

/** What a second run must not touch: inodes and times of every file of ours, start times of units and pods, versions of objects. */
const PROVISIONED_HOST = `
find /etc /usr/local /var/lib/leafspan /var/lib/rancher/k3s/agent/images /home -xdev -type f -printf '%p %i %m %T@ %s\\n' | grep -vE '/.kube/cache/|/leafspan/kubectl/' | sort
systemctl show k3s -p ActiveEnterTimestamp -p MainPID -p NRestarts
k=/usr/local/bin/k3s; export KUBECONFIG=/etc/rancher/k3s/k3s.yaml
$k kubectl --cache-dir /tmp/leafspan-test -n nats-system get secret,configmap,service,networkpolicy,serviceaccount,statefulset,deployment -l app.kubernetes.io/managed-by=leafspan \
  -o 'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.uid} {.metadata.resourceVersion}{"\\n"}{end}'
$k kubectl --cache-dir /tmp/leafspan-test -n nats-system get pods -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.status.startTime} {.status.containerStatuses[*].restartCount}{"\\n"}{end}'
rm -rf /tmp/leafspan-test
`;

export const provisionedHost = (on: OnHost, host: string): string[] => on(host, PROVISIONED_HOST).split('\n');

/**
 * Of Linkerd's own namespaces and of what it has in the whole cluster: what a second run must not touch. Others write in
 * some of these too: what is left out is status, leases and tokens of accounts.
 */
const MESH_OBJECTS = `
set -e -o pipefail; export KUBECONFIG=/etc/rancher/k3s/k3s.yaml
k() { /usr/local/bin/k3s kubectl --cache-dir /tmp/leafspan-test "$@"; }
version='{range .items[*]}{.kind}/{.metadata.name} {.metadata.uid} {.metadata.resourceVersion}{"\\n"}{end}'
generation='{range .items[*]}{.kind}/{.metadata.name} {.metadata.uid} {.metadata.generation}{"\\n"}{end}'
pods='{range .items[*]}{.metadata.name} {.metadata.uid} {.status.startTime} {.status.initContainerStatuses[*].restartCount} {.status.containerStatuses[*].restartCount}{"\\n"}{end}'
for namespace in linkerd linkerd-multicluster; do
  k -n $namespace get configmap,serviceaccount,role,rolebinding -o "jsonpath=$version"
  k -n $namespace get secret --field-selector type!=kubernetes.io/service-account-token -o "jsonpath=$version"
  k -n $namespace get deployment,service -o "jsonpath=$generation"
  k -n $namespace get pods -o "jsonpath=$pods"
done
k -n nats-system get pods -o "jsonpath=$pods"
k -n nats-system get servers.policy.linkerd.io,authorizationpolicies.policy.linkerd.io -o "jsonpath=$generation"
k -n linkerd-multicluster get links.multicluster.linkerd.io -o "jsonpath=$generation"
k get mutatingwebhookconfiguration,validatingwebhookconfiguration,clusterrole,clusterrolebinding -o "jsonpath=$version" | grep linkerd
k get crd -o "jsonpath=$generation" | grep -E 'linkerd|gateway.networking'
rm -rf /tmp/leafspan-test
`;

export const meshObjects = (on: OnHost, host: string): string[] => on(host, MESH_OBJECTS).split('\n');
