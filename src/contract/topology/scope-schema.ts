import { z } from 'zod';
import { PHASES } from '../phases.js';
import { topologySchema } from './topology-schema.js';

/**
 * A scope as it comes out of the history of a workflow. Anyone who may start workflows writes those, and its values end up
 * in scripts that run as root. A field that is added must be optional here: a run of the version before goes on with what it has.
 */
const { broker, nats, k3s, linkerd, rollout, link, artifacts, tools } = topologySchema.shape;
const label = topologySchema.shape.name;
const hostFile = broker.shape.hosts.element;
const ipv4 = hostFile.shape.internalAddress.unwrap();
const sshFile = hostFile.shape.ssh;
const port = sshFile.shape.port.unwrap();
const absolute = z.string().regex(/^\/\P{Cc}*$/u, 'must be an absolute path');
const gatewayFile = link.unwrap().shape.gateway.unwrap();

const jumpSchema = sshFile.shape.jump.unwrap().element.extend({ privateKeyFile: absolute.optional() });

const hostSchema = z.strictObject({
  name: label,
  cluster: label,
  ssh: sshFile.extend({ privateKeyFile: absolute.optional(), jump: z.array(jumpSchema).optional() }),
  internalAddress: ipv4,
  externalAddress: ipv4,
  adopt: z.boolean(),
});

const clusterSchema = z.strictObject({
  name: label,
  role: z.enum(['broker', 'leaf']),
  hosts: z.array(hostSchema).length(1),
});

/** A hundred years: everything ends within them. */
const MOST_DAYS = 36_500;

const renewalSchema = z.strictObject({
  alone: z.literal(true).optional(),
  withinDays: z.number().int().min(0).max(MOST_DAYS).optional(),
});

const settingsSchema = z.object({
  name: label,
  broker: clusterSchema,
  link: z.discriminatedUnion('mode', [
    z.strictObject({ mode: z.literal('direct') }),
    z.strictObject({
      mode: z.literal('mesh'),
      gateway: z.strictObject({ exposure: gatewayFile.shape.exposure, port, probePort: port }),
    }),
  ]),
  nats: nats
    .unwrap()
    .omit({ publishEvery: true })
    .extend({ publishEverySeconds: z.number().int().min(1).max(9_999) }),
  k3s: k3s.unwrap(),
  linkerd: linkerd.unwrap(),
  firewall: z.literal('manage').optional(),
  approvals: z.array(z.enum(PHASES)),
  rollout: rollout.unwrap(),
  artifacts: z.discriminatedUnion('from', [
    z.strictObject({ from: z.literal('bundle'), folder: absolute }),
    z.strictObject({ from: z.literal('releases'), mirror: artifacts.unwrap().shape.mirror }),
  ]),
  tools,
  deleteData: z.literal(true).optional(),
  renewal: renewalSchema.optional(),
});

export const scopeSchema = z.strictObject({
  settings: settingsSchema,
  leaves: z.array(label),
  leafAddresses: z.array(ipv4).optional(),
  cluster: clusterSchema,
});

/** Clusters that are kept in a file. */
export const clustersSchema = z.array(clusterSchema);

/** Where a topology is named without its scope. */
export const topologyNameSchema = label;
