import { overlap } from '../../contract/topology/ipv4-range.js';
import type { TopologyFile } from '../../contract/topology/topology-schema.js';
import type { BrokenRule } from './broken-rule.js';

/** Rules about the way in from outside. */
export const edgeRules = (file: TopologyFile): BrokenRule[] => [
  ...neededByDirectMode(file),
  ...neededByMonitoring(file),
  ...listedTwice(file),
];

const neededByDirectMode = (file: TopologyFile): BrokenRule[] =>
  file.link.mode === 'direct' && file.nats.edge === 'none'
    ? [
        {
          path: ['nats', 'edge'],
          message: 'nats.edge "none" leaves the leaf nodes of link.mode "direct" without a route to the broker',
          remedy: 'use edge: nodePort or nginx, or mode: mesh',
        },
      ]
    : [];

const neededByMonitoring = ({ nats: { edge, monitoring } }: TopologyFile): BrokenRule[] =>
  monitoring !== undefined && edge !== 'nginx'
    ? [
        {
          path: ['nats', 'monitoring'],
          message: `nats.edge "${edge}" has no allow-list, so nats.monitoring has no effect`,
          remedy: 'use edge: nginx, or remove nats.monitoring',
        },
      ]
    : [];

/** A firewall may refuse a rule of ranges that overlap. */
const listedTwice = ({ nats: { monitoring } }: TopologyFile): BrokenRule[] =>
  (monitoring?.allow ?? []).flatMap((range, index, allow) => {
    const first = allow.slice(0, index).find((other) => overlap(other, range));
    return first === undefined
      ? []
      : [
          {
            path: ['nats', 'monitoring', 'allow', index],
            message: `${range} has addresses of ${first}, which is listed before`,
            remedy: 'keep the wider one of the two',
          },
        ];
  });
