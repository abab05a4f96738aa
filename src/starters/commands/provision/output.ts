import type { Counts } from '../../../contract/plan.js';
import type { ProvisionResult } from '../../../contract/runs.js';
import { hasDemo, usersOutside } from '../../../domain/accounts/accounts.js';
import { serverOf, type Cluster, type Topology } from '../../../contract/topology/topology.js';
import { commandLine } from '../../invocation.js';
import { checksText, renderFailedChecks } from '../../terminal/checks.js';
import { renderClusterError } from '../../terminal/error.js';
import { padEnd, type Style } from '../../terminal/style.js';
import { duration } from '../../../contract/duration.js';
import { leafStates } from '../../watch/fleet.js';

export interface SummaryFacts {
  topology: Topology;
  result: ProvisionResult;
  webUi: string | undefined;
  times: { totalMs: number; runMs: number; labMs: number | undefined };
}

const LABEL_WIDTH = 10;
/** Up to so many leaves have a line each; more are counted. */
const FEW_LEAVES = 2;

/** The end of a provisioning run, for people. */
export function renderSummary({ topology, result, webUi, times }: SummaryFacts, style: Style): string {
  const row = (label: string, text: string): string => `  ${style.dim(padEnd(label, LABEL_WIDTH))} ${text}`;
  const split = [
    ...(times.labMs === undefined ? [] : [`lab ${duration(times.labMs)}`]),
    `run ${duration(times.runMs)}`,
  ];
  const few = topology.leaves.length <= FEW_LEAVES;
  const clusters = [topology.broker, ...(few ? topology.leaves : [])];
  return [
    headline(topology, result, style),
    ...clusters.map((cluster, index) => row(index === 0 ? 'clusters' : '', clusterText(cluster))),
    ...(few ? [] : [row('leaves', leafStates(result.leaves, style))]),
    row('K3s', topology.k3s.version),
    row('link', linkText(topology)),
    ...monitoringOf(topology).map((address) => row('monitoring', address)),
    row('changes', changesText(result.changed)),
    row('checks', checksText(result.checks)),
    ...failureLines(result, topology, style),
    row('time', `${duration(times.totalMs)} (${split.join(', ')})`),
    ...(webUi === undefined ? [] : [row('Web UI', webUi)]),
    ...(topology.nats.edge === 'none' ? [] : ['', ...natsLines(topology, style)]),
  ].join('\n');
}

function headline({ name }: Topology, { state }: ProvisionResult, style: Style): string {
  if (state === 'done') return `${style.green('✔')} ${style.bold(name)} is up, every check passes`;
  return `${style.yellow('!')} ${style.bold(name)} is ${style.yellow('degraded')}; fix the cause and run provision again`;
}

const clusterText = (cluster: Cluster): string => {
  const { name, externalAddress } = serverOf(cluster);
  return `${cluster.name} (${cluster.role === 'broker' ? 'broker' : 'leaf'}) on ${name}, ${externalAddress}`;
};

const linkText = ({ link, nats, broker }: Topology): string =>
  link.mode === 'direct'
    ? `direct: leaf nodes dial ${serverOf(broker).externalAddress}:${nats.leafNodePort}, with NATS mutual TLS only`
    : `mesh: leaf nodes dial the mirrored Service, with mutual TLS of NATS and of Linkerd`;

const monitoringOf = ({ broker, nats: { monitoring } }: Topology): string[] =>
  monitoring === undefined ? [] : [`https://${serverOf(broker).externalAddress}:${monitoring.port}`];

export function changesText({ create, change, delete: deleted }: Counts): string {
  if (create + change + deleted === 0) return 'nothing to do';
  return `${create} created, ${change} changed, ${deleted} deleted`;
}

/** The checks that failed, then the leaves. */
export const failureLines = (result: ProvisionResult, topology: Topology, style: Style): string[] => [
  ...failedCheckLines(result, topology, style),
  ...failedLeafLines(result, topology, style),
];

function failedCheckLines({ checks, failedChecks }: ProvisionResult, { name }: Topology, style: Style): string[] {
  const more = checks.failed - failedChecks.length;
  return [
    ...renderFailedChecks(failedChecks, style),
    ...(more > 0 ? [`  and ${more} more: ${commandLine(`verify ${name} --failed`)}`] : []),
  ];
}

const MAX_FAILED_LEAVES = 10;

function failedLeafLines({ leaves, failedLeaves }: ProvisionResult, { name }: Topology, style: Style): string[] {
  const shown = failedLeaves.slice(0, MAX_FAILED_LEAVES);
  const more = leaves.failed - shown.length;
  return [
    ...shown.flatMap(({ cluster, error }) => (error === undefined ? [] : renderClusterError(cluster, error, style))),
    ...(more > 0 ? [`  and ${more} more: ${commandLine(`status ${name} --state failed`)}`] : []),
  ];
}

/** Commands to paste: the certificates, then a look at the messages from outside the clusters. */
function natsLines(topology: Topology, style: Style): string[] {
  const { name, broker, nats } = topology;
  if (!hasDemo(nats)) return userLines(topology, style);
  const client = 'certs/nats/clients/subscriber';
  const server = `tls://${serverOf(broker).externalAddress}:${nats.clientNodePort}`;
  return [
    style.dim('  see the messages from here:'),
    `    ${commandLine(`certs export ${name} --out certs`)}`,
    `    nats --server ${server} --tlsca certs/nats/ca.crt --tlscert ${client}.crt --tlskey ${client}.key sub ${nats.subject}`,
  ];
}

function userLines({ name, nats }: Topology, style: Style): string[] {
  const [user] = (nats.accounts ?? []).flatMap(usersOutside);
  if (user === undefined) return [];
  return [
    style.dim(`  connect as ${user.name} of ${user.account} from here:`),
    `    ${commandLine(`certs export ${name} --user ${user.account}/${user.name} --at ${user.site} --out ${user.name}`)}`,
    `    nats --context ${user.name}/context.json rtt`,
  ];
}
