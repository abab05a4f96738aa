import type { Client, WorkflowHandle } from '@temporalio/client';
import type { CheckResult } from '../../contract/checks.js';
import type { ClusterPlan } from '../../contract/plan.js';
import type { PlanSummary } from '../../contract/runs.js';
import type { LeafPage, LeafPageRequest, Page, PageRequest } from '../../contract/status.js';

/** Clusters of which the steps or results travel at once. */
const CLUSTERS_PER_PAGE = 50;
/** A page of a run that has stopped costs the worker a replay of its history. */
const PAGE_TIMEOUT_MS = 30_000;

/** The plans of all clusters that have something to do, the hub first. */
export async function* planPages(
  client: Client,
  handle: WorkflowHandle,
  { plans, clusters }: PlanSummary,
): AsyncGenerator<readonly ClusterPlan[]> {
  const names = clusters.map(({ cluster }) => cluster);
  if (plans !== undefined) {
    yield plans.filter(({ cluster }) => names.includes(cluster));
    return;
  }
  for (let at = 0; at < names.length;) {
    const only = names.slice(at, at + CLUSTERS_PER_PAGE);
    const request = { offset: 0, limit: only.length, only };
    const { rows } = await withinTime(client, () => handle.query<Page<ClusterPlan>, [PageRequest]>('plan', request));
    if (rows.length === 0) return;
    yield rows;
    at += rows.length; // large rows make a page shorter
  }
}

export interface ClusterResults {
  cluster: string;
  results: CheckResult[];
}

/** The results of every check, cluster by cluster. */
export async function* resultPages(client: Client, handle: WorkflowHandle): AsyncGenerator<readonly ClusterResults[]> {
  for (let offset = 0; ;) {
    const request = { offset, limit: CLUSTERS_PER_PAGE };
    const { total, rows } = await withinTime(client, () =>
      handle.query<Page<ClusterResults>, [PageRequest]>('results', request),
    );
    yield rows;
    offset += rows.length; // large rows make a page shorter
    if (rows.length === 0 || offset >= total) return;
  }
}

export const leafPage = (client: Client, handle: WorkflowHandle, request: LeafPageRequest): Promise<LeafPage> =>
  withinTime(client, () => handle.query<LeafPage, [LeafPageRequest]>('leaves', request));

export async function allOf<Row>(pages: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

const withinTime = <T>(client: Client, query: () => Promise<T>): Promise<T> =>
  client.withDeadline(Date.now() + PAGE_TIMEOUT_MS, query);
