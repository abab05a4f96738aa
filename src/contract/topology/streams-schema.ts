import { z } from 'zod';
import { DEFAULT_STORES } from './stores.js';

const TOKEN = String.raw`(\*|([A-Za-z0-9_-]|\{cluster\})+)`;
/** Tokens between dots; `>` at the end only. NATS's own subjects, inboxes and those of checks are not the user's. */
const SUBJECT = new RegExp(String.raw`^(?!\$|_INBOX(\.|$)|leafspan(\.|$))(${TOKEN}\.)*(${TOKEN}|>)$`);

export const subject = z
  .string()
  .max(200)
  .regex(SUBJECT, 'must be a NATS subject such as orders.{cluster}.>, which does not begin with $, _INBOX or leafspan');

/** Streams of JetStream, as the topology file declares them, and the store that they are kept in. */
const size = z.string().regex(/^[1-9]\d{0,5}(Mi|Gi)$/, 'must be a size such as 512Mi or 10Gi');

const age = z.string().regex(/^[1-9]\d{0,4}[mhd]$/, 'must be minutes, hours or days, such as 90m, 72h or 7d');

const place = z.string().min(1).max(40);

export const streamSchema = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Z][A-Z0-9_-]{0,31}$/,
      'must be 1 to 32 capital letters, digits, hyphens and underscores, starting with a letter',
    )
    .meta({ description: 'unique within the account' }),
  subjects: z.array(subject).min(1).max(50).meta({ description: 'what it keeps' }),
  at: z
    .union([place, z.array(place).min(1).max(1000)])
    .meta({ description: 'where it is kept: `broker`, `each-leaf`, or names of clusters' }),
  mirrorTo: z.literal('broker').optional().meta({
    description:
      'of a stream at leaf clusters: the broker keeps a copy of each as `<name>-<cluster>`, which is completed when the link is back after a cut',
  }),
  maxBytes: size
    .default('1Gi')
    .meta({ description: 'room in each place; the broker needs as much again for each mirror' }),
  maxAge: age.optional().meta({ description: 'messages that are older are dropped; default: none is' }),
  discard: z
    .enum(['old', 'new'])
    .default('old')
    .meta({ description: 'what gives way when it is full: old messages, or new ones, which are then refused' }),
  replicas: z.literal(1).default(1).meta({ description: 'a cluster has one NATS server' }),
});

const store = ({ maxFile, maxMemory }: { maxFile: string; maxMemory: string }) =>
  z
    .strictObject({
      maxFile: size.default(maxFile).meta({ description: 'room for streams on its volume' }),
      maxMemory: size.default(maxMemory).meta({ description: 'memory for consumers and streams in memory' }),
    })
    .prefault({});

export const jetStreamSchema = z.strictObject({
  broker: store(DEFAULT_STORES.broker).meta({ description: 'at the broker' }),
  leaf: store(DEFAULT_STORES.leaf).meta({ description: 'at each leaf node' }),
  storageClass: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/, 'must be the name of a StorageClass')
    .default(DEFAULT_STORES.storageClass)
    .meta({ description: 'of the volumes; local-path is that of K3s' }),
  sync: z.enum(['interval', 'always']).default(DEFAULT_STORES.sync).meta({
    description:
      'when messages are written through to the disk: interval, as NATS does it, within two minutes; always, before they are acknowledged',
  }),
});
