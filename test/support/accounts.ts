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

/** Orders that are kept at each leaf cluster, copied to the broker, and read there. */
export const outbox = (changes: object = {}): Account =>
  orders({
    users: [
      { name: 'plc', at: ['each-leaf'], publish: ['orders.{cluster}.>'], consume: ['OUTBOX'] },
      { name: 'erp', at: ['broker'], subscribe: ['orders.>'], consume: ['ORDERS', 'OUTBOX'] },
      { name: 'guest', at: ['broker'], subscribe: ['orders.>'] },
    ],
    exports: [],
    streams: [
      { name: 'ORDERS', subjects: ['orders.>'], at: 'broker', maxAge: '72h' },
      { name: 'OUTBOX', subjects: ['orders.{cluster}.>'], at: 'each-leaf', mirrorTo: 'broker' },
    ],
    ...changes,
  });
