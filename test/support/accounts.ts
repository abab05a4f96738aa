import { accountSchema } from '../../src/contract/topology/accounts-schema.js';
import type { Account } from '../../src/contract/topology/topology.js';

/** Two accounts as a user would write them: a plant's orders, and a billing that sees some of them. */
export const orders = (changes: object = {}): Account =>
  accountSchema.parse({
    name: 'ORDERS',
    subjects: ['orders.{cluster}.>', 'orders.ack.{cluster}'],
    users: [
      { name: 'plc', at: ['each-leaf'], publish: ['orders.{cluster}.>'], subscribe: ['orders.ack.{cluster}'] },
      { name: 'panel', at: ['cluster-b'], subscribe: ['orders.cluster-b.local.*'] },
      { name: 'erp', at: ['broker'], subscribe: ['orders.>'], publish: ['orders.ack.>'] },
      { name: 'audit', at: ['outside'], subscribe: ['orders.>'] },
    ],
    exports: [{ stream: 'orders.*.done', to: ['BILLING'] }],
    ...changes,
  });

export const billing = (changes: object = {}): Account =>
  accountSchema.parse({
    name: 'BILLING',
    subjects: ['bills.{cluster}'],
    users: [
      { name: 'books', at: ['broker'], publish: ['bills.*'], subscribe: ['orders.*.done', 'bills.paid'] },
      { name: 'desk', at: ['cluster-c'], subscribe: ['bills.cluster-c'] },
    ],
    exports: [],
    ...changes,
  });
