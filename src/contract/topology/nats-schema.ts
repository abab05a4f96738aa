import { z } from 'zod';
import { accountSchema } from './accounts-schema.js';
import { jetStreamSchema } from './streams-schema.js';

const nodePort = z.number().int().min(30_000).max(32_767);
const imageReference = z.string().regex(/^[\w./:@-]+$/, 'must be an image reference such as nats:2.15.2-alpine');

export const nats = z.strictObject({
  subject: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'must be a NATS subject without wildcards, such as test.messages')
    .default('test.messages')
    .meta({
      description: 'subject on which the publisher sends; only it, replies and the messages of checks cross the link',
    }),
  publishEvery: z
    .string()
    .regex(/^[1-9]\d{0,3}s$/, 'must be whole seconds from 1s to 9999s')
    .default('5s')
    .meta({ description: 'how often the publisher sends' }),
  edge: z
    .enum(['nodePort', 'none'])
    .default('nodePort')
    .meta({ description: 'how clients outside reach the broker; none: not at all, only in link.mode mesh' }),
  clientNodePort: nodePort
    .default(30_422)
    .meta({ description: "port of the broker's host for clients, with edge nodePort" }),
  leafNodePort: nodePort
    .default(30_722)
    .meta({ description: "port of the broker's host for leaf nodes, with edge nodePort; dialled in link.mode direct" }),
  demo: z.boolean().optional().meta({
    description: 'publisher and subscriber; default: true while no account is declared',
  }),
  accounts: z
    .array(accountSchema)
    .max(50)
    .optional()
    .meta({ description: 'accounts, users and subjects of your own; see its own table' }),
  jetstream: jetStreamSchema
    .optional()
    .meta({ description: 'where streams are kept; default: as its own table says, once an account has a stream' }),
  images: z
    .strictObject({
      server: imageReference
        .default('nats:2.15.2-alpine')
        .meta({ description: 'image of the broker and of the leaf nodes' }),
      box: imageReference
        .default('natsio/nats-box:0.19.7')
        .meta({ description: 'image of publisher, subscriber and the pods of checks' }),
    })
    .prefault({}),
});
