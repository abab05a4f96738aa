import type { VerifyResult } from '../../../contract/runs.js';
import type { Context } from '../../context.js';
import { printData, printJson } from '../../io.js';
import { allOf, type ClusterResults } from '../../runs/pages.js';
import { checksText, renderChecks, renderClusterChecks, renderFailedChecks } from '../../terminal/checks.js';
import { renderClusterError } from '../../terminal/error.js';

/** Up to so many clusters every check has a line; above, a cluster has one, with its failures below. */
const FEW_CLUSTERS = 11;

type Pages = AsyncIterable<readonly ClusterResults[]>;

/** The results of every check, or only the failures, then the counts. */
export async function printChecks(
  context: Pick<Context, 'io' | 'style'>,
  result: VerifyResult,
  pages: Pages,
  { json, failed }: { json?: boolean; failed?: boolean },
): Promise<void> {
  const { io, style } = context;
  if (json === true) {
    printJson(io, { ...result, clusters: await clustersFor(pages, failed === true) });
    return;
  }
  if (failed === true) await printFailed(context, result, pages);
  else await printAll(context, pages);
  for (const { cluster, error } of result.failedClusters)
    printData(io, renderClusterError(cluster, error, style).join('\n'));
  printData(io, checksText(result.checks));
}

async function clustersFor(pages: Pages, failed: boolean): Promise<ClusterResults[]> {
  const clusters = await allOf(pages);
  if (!failed) return clusters;
  return clusters
    .map(({ cluster, results }) => ({ cluster, results: results.filter(({ verdict }) => verdict.state === 'fail') }))
    .filter(({ results }) => results.length > 0);
}

async function printFailed(
  { io, style }: Pick<Context, 'io' | 'style'>,
  { checks, failedChecks }: VerifyResult,
  pages: Pages,
): Promise<void> {
  // The result carries the first failures; warnings and the rest of many are on the pages.
  const complete = checks.warned === 0 && failedChecks.length === checks.failed;
  const failures = complete ? failedChecks : (await clustersFor(pages, true)).flatMap(({ results }) => results);
  for (const line of renderFailedChecks(failures, style)) printData(io, line);
}

async function printAll({ io, style }: Pick<Context, 'io' | 'style'>, pages: Pages): Promise<void> {
  let few: boolean | undefined;
  for await (const page of pages) {
    few ??= page.length <= FEW_CLUSTERS; // the first page has all clusters of a small system
    if (few)
      printData(
        io,
        renderChecks(
          page.flatMap(({ results }) => results),
          style,
        ),
      );
    else for (const { cluster, results } of page) printData(io, renderClusterChecks(cluster, results, style));
  }
}
