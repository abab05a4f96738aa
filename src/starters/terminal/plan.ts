import {
  isEmpty,
  type ClusterPlan,
  type Counts,
  type HostState,
  type PartPlan,
  type Step,
} from '../../contract/plan.js';
import type { ClusterError, ClusterSummary, ClusterWarnings, PlanSummary } from '../../contract/runs.js';
import { renderClusterError } from './error.js';
import type { Style } from './style.js';
import { renderTable } from './table.js';

const STATES: Record<HostState, string> = {
  none: 'bare',
  ours: 'provisioned by this topology',
  partial: 'partly provisioned by this topology',
  foreign: 'has a Kubernetes that leafspan did not install',
};

/** Every step of a cluster below its part, with the reason and the difference. */
export const renderClusterPlan = (plan: ClusterPlan, style: Style): string =>
  [
    placeLine(plan, style),
    ...plan.parts.filter(({ steps }) => steps.length > 0).flatMap((part) => partLines(part, style)),
    ...unseenLines(plan.parts, style),
    ...(isEmpty(plan) ? ['  nothing to do'] : []),
  ].join('\n');

const placeLine = ({ cluster, host, state }: Pick<ClusterPlan, 'cluster' | 'host' | 'state'>, style: Style): string =>
  `${style.bold(cluster)} ${style.dim(`on ${host}: ${STATES[state]}`)}`;

const partLines = ({ title, steps }: PartPlan, style: Style): string[] => [
  `  ${title}`,
  ...steps.flatMap((step) => stepLines(step, style)),
];

function stepLines({ verb, object, because, diff = [] }: Step, style: Style): string[] {
  const [mark, paint] = MARKS[verb](style);
  return [
    `    ${paint(`${mark} ${verb}`)} ${object} ${style.dim(`because ${because}`)}`,
    ...diff.map((line) => `        ${line}`),
  ];
}

type Marked = (style: Style) => readonly [mark: string, paint: (text: string) => string];
const changes: Marked = ({ yellow }) => ['~', yellow];
const MARKS: Record<Step['verb'], Marked> = {
  create: ({ green }) => ['+', green],
  delete: ({ red }) => ['-', red],
  change: changes,
  start: changes,
  restart: changes,
  reload: changes,
};

/** Parts that could not be looked at, by the reason that they share. */
function unseenLines(parts: readonly PartPlan[], style: Style): string[] {
  const reasons = [...new Set(parts.flatMap(({ unseen }) => unseen ?? []))];
  return reasons.flatMap((reason) => [
    `  ${style.yellow('?')} cannot look at these parts yet, because ${reason}; each decides before it acts:`,
    ...parts.filter(({ unseen }) => unseen === reason).map(({ title }) => `      ${title}`),
  ]);
}

/** `12 to create, 3 to change, 0 to delete`. */
export const countText = ({ create, change, delete: deleted }: Counts): string =>
  `${create} to create, ${change} to change, ${deleted} to delete`;

const MAX_ROWS = 40;

/** A row for each cluster that has something to do. */
export function renderPlanCounts(clusters: readonly ClusterSummary[], style: Style): string {
  const more = clusters.length - MAX_ROWS;
  const rows = clusters
    .slice(0, MAX_ROWS)
    .map(({ cluster, host, counts, unseen }) => [
      cluster,
      host,
      ...[counts.create, counts.change, counts.delete].map(String),
      unseen === true ? 'more parts could not be looked at yet' : '',
    ]);
  const table = renderTable(['CLUSTER', 'HOST', 'CREATE', 'CHANGE', 'DELETE', ''], rows, style);
  return more > 0 ? `${table}\nand ${more} more clusters` : table;
}

/** The end of a plan: clusters with problems, how much is to do, and the digest that an approval names. */
export function renderPlanSummary(summary: PlanSummary, style: Style): string {
  const { clusters, counts, unchanged, unfit, unreached, digest } = summary;
  const unseen = clusters.some((cluster) => cluster.unseen === true);
  const total = clusters.length + unchanged;
  return [
    ...warningLines(summary, style),
    ...failures(unfit, 'must be fixed first and will be left out', style),
    ...failures(unreached, 'could not be looked at now', style),
    ...(clusters.length === 0
      ? [`nothing to do: ${clustersText(total)} ${total === 1 ? 'is' : 'are'} as the topology says`]
      : [
          style.bold(countText(counts)),
          ...(unseen ? [style.dim('some parts could not be looked at yet, so there will be more')] : []),
          ...(unchanged === 0 ? [] : [style.dim(`${clustersText(unchanged)} unchanged`)]),
          `${style.dim('plan digest')} ${digest}`,
        ]),
  ].join('\n');
}

/** What may make the run fail, cluster by cluster. */
export const warningLines = ({ warnings = [] }: Pick<PlanSummary, 'warnings'>, style: Style): string[] =>
  warnings.length === 0
    ? []
    : [
        style.yellow(`warnings of ${clustersText(warnings.length)}:`),
        ...warnings.flatMap(({ cluster, host, warnings: seen }: ClusterWarnings) =>
          seen.flatMap(({ message, remedy }) => [`  ${cluster} on ${host}: ${message}`, `    ${style.dim(remedy)}`]),
        ),
        '',
      ];

const failures = (clusters: readonly ClusterError[], what: string, style: Style): string[] =>
  clusters.length === 0
    ? []
    : [
        style.yellow(`${clustersText(clusters.length)} ${what}:`),
        ...clusters.flatMap(({ cluster, error }) => renderClusterError(cluster, error, style)),
        '',
      ];

const clustersText = (count: number): string => `${count} ${count === 1 ? 'cluster' : 'clusters'}`;
