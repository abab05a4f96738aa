import { z } from 'zod';
import { accountSchema } from './accounts-schema.js';
import { jetStreamSchema } from './streams-schema.js';

const nodePort = z.number().int().min(30_000).max(32_767);
const imageReference = z.string().regex(/^[\w./:@-]+$/, 'must be an image reference such as nats:2.15.2-alpine');

/** The community's controller, not the one of NGINX's makers: it gets no fixes since March 2026. */
const RETIRED = /(^|\/)ingress-nginx(\/|$)/;
const WHY_RETIRED =
  'is the community controller ingress-nginx, which is retired and gets no security fixes; nginx stands for the NGINX Ingress Controller of F5';
const isRetired = (value: unknown): boolean => typeof value === 'string' && RETIRED.test(value);

const allowed = z
  .string()
  .regex(
    /^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)(\/(3[0-2]|[12]?\d))?$/,
    'must be an IPv4 address or range, such as 198.51.100.7 or 198.51.100.0/24',
  );

const monitoring = z.strictObject({
  allow: z
    .array(allowed)
    .min(1)
    .max(100)
    .meta({ description: "addresses and ranges that may read the broker's monitoring; everyone else gets a 403" }),
  port: nodePort
    .default(30_443)
    .meta({ description: "port of the broker's host for it, by HTTPS with a certificate of the NATS CA" }),
});

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
    .enum(['nodePort', 'nginx', 'none'], { error: ({ input }) => (isRetired(input) ? WHY_RETIRED : undefined) })
    .default('nodePort')
    .meta({
      description:
        "how clients outside reach the broker; nodePort: straight; nginx: through F5's NGINX Ingress Controller, see edge.md; none: not at all, only in link.mode mesh",
    }),
  clientNodePort: nodePort
    .default(30_422)
    .meta({ description: "port of the broker's host for clients, unless edge is none" }),
  leafNodePort: nodePort
    .default(30_722)
    .meta({ description: "port of the broker's host for leaf nodes, which dial it in link.mode direct" }),
  monitoring: monitoring.optional().meta({
    description:
      "with edge nginx: who may read the broker's HTTP monitoring; default: no one outside; see its own table",
  }),
  leafKeys: z
    .record(
      z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be the name of a leaf'),
      z.number().int().min(1).max(9_999),
    )
    .optional()
    .meta({
      description:
        "number of a leaf's key pair for its links, by the leaf's name; default: 1. Raised after a theft, " +
        'it makes all earlier certificates of this leaf worthless, also for a leaf that is added again later',
    }),
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
    .meta({ description: 'where streams are kept; default: as its own table says, once there is an account' }),
  images: z
    .strictObject({
      server: imageReference
        .default('nats:2.15.2-alpine')
        .meta({ description: 'image of the broker and of the leaf nodes' }),
      box: imageReference
        .default('natsio/nats-box:0.19.7')
        .meta({ description: 'image of publisher, subscriber and the pods of checks' }),
      edge: imageReference
        .refine((value) => !isRetired(value), { error: WHY_RETIRED })
        .optional()
        .meta({
          description: 'image of the NGINX Ingress Controller, with edge nginx; default: nginx/nginx-ingress:5.5.4',
        }),
    })
    .prefault({}),
});
