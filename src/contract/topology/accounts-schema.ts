import { z } from 'zod';
import { streamSchema, subject } from './streams-schema.js';

/** Accounts of the user's own, as the topology file declares them. */
const userName = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,30}[a-z0-9])?$/,
    'must be 1 to 32 lower-case letters, digits and hyphens, starting with a letter',
  );

const subjects = z.array(subject).max(50);

const namespace = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be the name of a Kubernetes namespace');

const user = z.strictObject({
  name: userName.meta({ description: 'unique within the account' }),
  at: z.array(z.string().min(1).max(40)).min(1).max(1000).meta({
    description:
      'where it connects: `broker`, `outside` (through the external port of the broker), `each-leaf`, or names of clusters',
  }),
  publish: subjects.default([]).meta({ description: 'subjects that it may publish' }),
  subscribe: subjects.default([]).meta({
    description: 'subjects that it may subscribe to; it may also reply to what it receives there',
  }),
  // Optional and not empty by default: a run of the version before has no such field.
  consume: z.array(z.string().min(1).max(32)).min(1).max(50).optional().meta({
    description: 'streams that it reads at its place, each through a durable consumer named as the user',
  }),
  secretIn: z.array(namespace).max(20).default([]).meta({
    description:
      'namespaces of its clusters that get its certificate as a Secret, and whose pods may reach the NATS server; a missing one is created, and never deleted',
  }),
});

const exported = z.strictObject({
  stream: subject.optional().meta({ description: 'messages on this subject are also seen in the other accounts' }),
  service: subject.optional().meta({ description: 'the other accounts may send requests on this subject' }),
  to: z
    .array(z.string().min(1).max(32))
    .min(1)
    .max(50)
    .meta({ description: 'names of accounts; they import it at the broker' }),
});

export const accountSchema = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Z][A-Z0-9_-]{0,31}$/,
      'must be 1 to 32 capital letters, digits, hyphens and underscores, starting with a letter',
    )
    .meta({ description: 'name of the account; SYS and APP are taken' }),
  subjects: subjects.min(1).meta({
    description:
      'what may cross the link of a leaf cluster, in both directions; `{cluster}` becomes the name of that cluster, so that no leaf cluster sees the subjects of another one',
  }),
  users: z.array(user).min(1).max(200).meta({ description: 'who connects; see its own table' }),
  streams: z
    .array(streamSchema)
    .min(1)
    .max(50)
    .optional()
    .meta({ description: 'streams of JetStream; see their own table' }),
  exports: z.array(exported).max(50).default([]).meta({ description: 'what other accounts get from this one' }),
  limits: z
    .strictObject({
      maxConnections: z.number().int().min(1).max(1_000_000).optional().meta({ description: 'clients at each server' }),
      maxSubscriptions: z.number().int().min(1).max(10_000_000).optional().meta({ description: 'at each server' }),
      maxPayloadBytes: z.number().int().min(1).max(8_388_608).optional().meta({ description: 'of one message' }),
    })
    .prefault({})
    .meta({ description: 'limits that NATS sets on the account; none by default' }),
  probes: z.boolean().default(true).meta({
    description:
      'whether checks prove the rules by messages on the subjects of the account, with the header Leafspan-Probe; false: only refusals are proven',
  }),
});
