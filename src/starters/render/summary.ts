import type { ProvisionResult } from '../../contract/runs.js';
import { clustersOf, serverOf, type Topology } from '../../contract/topology.js';
import { changesOf, stepsOf, type RunView } from '../runs/view.js';
import { countChecks, renderFailedChecks } from './checks.js';
import { padEnd, type Style } from './style.js';
import { duration } from './time.js';

export interface SummaryFacts {
  topology: Topology;
  result: ProvisionResult;
  view?: RunView;
  webUi: string | undefined;
  times: { totalMs: number; runMs: number; labMs: number | undefined };
}

const LABEL_WIDTH = 10;

/** The end of a provisioning run, for people. */
export function renderSummary({ topology, result, view, webUi, times }: SummaryFacts, style: Style): string {
  const row = (label: string, text: string): string => `  ${style.dim(padEnd(label, LABEL_WIDTH))} ${text}`;
  const split = [
    ...(times.labMs === undefined ? [] : [`lab ${duration(times.labMs)}`]),
    `run ${duration(times.runMs)}`,
  ];
  return [
    headline(topology, result, style),
    ...clustersOf(topology).map((cluster, index) => row(index === 0 ? 'clusters' : '', clusterText(cluster))),
    row('K3s', topology.k3s.version),
    row('link', linkText(topology)),
    row('changes', changesText(result, view)),
    ...(result.checks.length === 0 ? [] : [row('checks', countChecks(result.checks))]),
    ...renderFailedChecks(result.checks, style),
    ...failedLeafLines(result, style),
    row('time', `${duration(times.totalMs)} (${split.join(', ')})`),
    ...(webUi === undefined ? [] : [row('Web UI', webUi)]),
    ...(topology.nats.edge === 'none' ? [] : ['', ...natsLines(topology, style)]),
  ].join('\n');
}

function headline({ name }: Topology, { state }: ProvisionResult, style: Style): string {
  if (state === 'done') return `${style.green('✔')} ${style.bold(name)} is up, every check holds`;
  return `${style.yellow('!')} ${style.bold(name)} is ${style.yellow('degraded')}; provision again once it is mended`;
}

const clusterText = (cluster: Topology['broker']): string => {
  const { name, externalAddress } = serverOf(cluster);
  return `${cluster.name} (${cluster.role === 'broker' ? 'broker' : 'leaf'}) on ${name}, ${externalAddress}`;
};

const linkText = ({ link, nats, broker }: Topology): string =>
  link.mode === 'direct'
    ? `direct: leaf nodes dial ${serverOf(broker).externalAddress}:${nats.leafNodePort}, mutual TLS of NATS alone`
    : `mesh: leaf nodes dial the mirrored Service, mutual TLS of NATS and of Linkerd`;

function changesText({ changed }: ProvisionResult, view: RunView | undefined): string {
  const seen = view?.phases.reduce((sum, phase) => sum + changesOf(stepsOf(phase)), 0) ?? 0;
  const count = Math.max(changed.length, seen);
  return count === 0 ? 'nothing changed' : `${count} changed`;
}

const failedLeafLines = ({ failedLeaves }: ProvisionResult, style: Style): string[] =>
  failedLeaves.flatMap(({ cluster, error }) => [
    style.red(`  ${cluster}: ${error.message}`),
    ...(error.remedy === undefined ? [] : [`    ${style.bold('hint:')} ${error.remedy}`]),
    style.dim(`    docs: docs/troubleshooting.md${error.hint === undefined ? '' : `#${error.hint}`} (${error.code})`),
  ]);

/** Commands to paste: the certificates, then a look at the messages from outside the clusters. */
function natsLines({ name, broker, nats }: Topology, style: Style): string[] {
  const client = 'certs/nats/clients/subscriber';
  const server = `tls://${serverOf(broker).externalAddress}:${nats.clientNodePort}`;
  return [
    style.dim('  see the messages from here:'),
    `    npm run start -- certs export ${name} --out certs`,
    `    nats --server ${server} --tlsca certs/nats/ca.crt --tlscert ${client}.crt --tlskey ${client}.key sub ${nats.subject}`,
  ];
}
