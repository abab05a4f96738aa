import type { V1Deployment } from '@kubernetes/client-node';
import { parseObject } from '../../contract/json.js';
import { deploymentState } from '../kubernetes/workloads.js';

/** Responses of the API server about what must be true before a workload can run. */
export interface ReadinessAnswers {
  readyz: Response | undefined;
  nodes: Response | undefined;
  coredns: Response | undefined;
  account: Response | undefined;
}

interface Response {
  status: number;
  body: string;
}

interface Conditioned {
  status?: { conditions?: { type: string; status: string }[] };
}

const NO_ITEMS: { items: Conditioned[] } = { items: [] };

/** The first condition that does not hold yet, with its response; undefined when all hold. */
export function readyRung({ readyz, nodes, coredns, account }: ReadinessAnswers): string | undefined {
  if (readyz?.status !== 200) return `/readyz: ${firstLine(readyz)}`;
  if (nodes?.status !== 200) return `node: ${firstLine(nodes)}`;
  const { items } = parseObject(nodes.body, NO_ITEMS);
  if (items.length === 0) return 'node: none yet';
  if (!items.every((node) => holds(node, 'Ready'))) return 'node: not Ready';
  if (coredns?.status !== 200) return `coredns: ${firstLine(coredns)}`;
  const missing = deploymentState(parseObject<Pick<V1Deployment, 'status'>>(coredns.body, {}));
  if (missing !== undefined) return `coredns: ${missing}`;
  return account?.status === 200 ? undefined : `serviceaccount default: ${firstLine(account)}`;
}

const holds = ({ status }: Conditioned, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;

const firstLine = (response: Response | undefined): string =>
  response === undefined ? 'no response' : `${response.status} ${response.body.split('\n')[0]?.slice(0, 100) ?? ''}`;
