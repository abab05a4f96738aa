import type { VerifyResult } from '../../../contract/runs.js';
import type { Context } from '../../context.js';
import { printData, printJson, type Io } from '../../io.js';
import { allOf, type ClusterResults } from '../../runs/pages.js';
import { checksText, renderChecks, renderFailedChecks } from '../../terminal/checks.js';
import { renderClusterError } from '../../terminal/error.js';
import type { Style } from '../../terminal/style.js';
import type { EndingCertificates } from '../../topologies/ending-certificates.js';

type Pages = AsyncIterable<readonly ClusterResults[]>;

interface Wanted {
  json?: boolean;
  /** Only the checks that fail. */
  failed?: boolean;
  /** How many were checked. */
  clusters: number;
  certificates: EndingCertificates;
}

/** Up to so many clusters every check is printed; above, only those that fail. */
const FEW_CLUSTERS = 11;

/** The results of the checks, then the counts. */
export async function printChecks(
  { io, style }: Pick<Context, 'io' | 'style'>,
  result: VerifyResult,
  pages: Pages,
  { json, failed = false, clusters, certificates }: Wanted,
): Promise<void> {
  if (json === true) {
    printJson(io, { ...result, clusters: await resultsOf(pages, failed), certificates });
    return;
  }
  if (clusters > FEW_CLUSTERS) printLines(io, fleetLines(result, clusters, style));
  else {
    const results = (await resultsOf(pages, failed)).flatMap((cluster) => cluster.results);
    printLines(io, failed ? renderFailedChecks(results, style) : [renderChecks(results, style)]);
  }
  printLines(
    io,
    result.failedClusters.flatMap(({ cluster, error }) => renderClusterError(cluster, error, style)),
  );
  printData(io, checksText(result.checks));
}

const printLines = (io: Io, lines: readonly string[]): void => {
  for (const line of lines) printData(io, line);
};

/** Each page costs the worker a replay, so people see of a fleet what the result itself carries. */
function fleetLines({ checks, failedChecks }: VerifyResult, clusters: number, style: Style): string[] {
  const more = checks.failed - failedChecks.length;
  return [
    ...renderFailedChecks(failedChecks, style),
    ...(more > 0 ? [`  and ${more} more`] : []),
    style.dim(`${clusters} clusters; every check of one: --only <leaf>; of all: --json`),
  ];
}

async function resultsOf(pages: Pages, failed: boolean): Promise<ClusterResults[]> {
  const clusters = await allOf(pages);
  if (!failed) return clusters;
  return clusters
    .map(({ cluster, results }) => ({ cluster, results: results.filter(({ verdict }) => verdict.state === 'fail') }))
    .filter(({ results }) => results.length > 0);
}
