import type { HostPlan, Plan } from '../../contract/runs.js';
import type { Style } from './style.js';

const STATES: Record<HostPlan['state'], string> = {
  none: 'bare',
  ours: 'provisioned by this topology',
  partial: 'half provisioned by this topology',
  foreign: 'has a Kubernetes of somebody else',
};

/** What a run would change, host by host, and the digest that an approval names. */
export function renderPlan({ hosts, digest }: Plan, style: Style): string {
  const blocks = hosts.map(({ cluster, host, state, actions }) =>
    [
      `${style.bold(host)} ${style.dim(`in ${cluster}: ${STATES[state]}`)}`,
      ...(actions.length === 0 ? ['  nothing to do'] : actions.map((action) => `  + ${action}`)),
    ].join('\n'),
  );
  return [...blocks, `${style.dim('plan digest')} ${digest}`].join('\n');
}
