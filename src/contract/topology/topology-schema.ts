import { z } from 'zod';
import { GATED_PHASES } from '../phases.js';
import { nats } from './nats-schema.js';

/** The topology file as a user writes it. Descriptions end up in docs/topology.md and in the JSON Schema for editors. */
const label = z
  .string()
  .regex(
    /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    'must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter',
  );

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const DNS_NAME =
  /^(?=.{1,253}$)(?!.*\.\d+$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i;
const sshAddress = z
  .string()
  .refine(
    (value) => IPV4.test(value) || z.regexes.ipv6.test(value) || DNS_NAME.test(value),
    'must be an IPv4 address, an IPv6 address without a zone, or a name: letters, digits, hyphens and dots',
  );
const ipv4 = z.string().regex(IPV4, 'must be an IPv4 address, such as 10.0.0.37');
const cidr = z
  .string()
  .regex(
    /^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)\/(8|9|1\d|2[0-4])$/,
    'must be an IPv4 range such as 10.42.0.0/16, between /8 and /24',
  );
const port = z.number().int().min(1).max(65_535);

const loginName = z
  .string()
  .regex(/^[^\s:\p{Cc}-][^\s:\p{Cc}]{0,255}$/u, 'must be a login name, without spaces, colons and control characters');
const privateKeyFile = z.string().min(1).optional().meta({
  description:
    'private key, relative to the topology file or from ~; default: IdentityFile of ~/.ssh/config, else the keys of the SSH agent, then id_ed25519, id_ecdsa and id_rsa of ~/.ssh',
});
const hostKey = z
  .string()
  .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'must be SHA256: and 43 characters, as `ssh-keygen -lf` prints it')
  .optional()
  .meta({ description: 'pinned host key; without it provision needs --trust-on-first-use once' });
const sshPort = port.optional().meta({ description: 'SSH port; default: Port of ~/.ssh/config, else 22' });

const jump = z.strictObject({
  address: sshAddress.meta({ description: 'where the host before it, or leafspan itself, reaches the jump host' }),
  port: sshPort,
  user: loginName.optional().meta({
    description:
      "login user; may be one without a shell; default: User of ~/.ssh/config, else the name of the worker's user",
  }),
  privateKeyFile,
  hostKey,
});

const ssh = z.strictObject({
  address: sshAddress.meta({ description: 'where leafspan reaches the host; a Host alias of ~/.ssh/config works too' }),
  port: sshPort,
  user: loginName.optional().meta({
    description:
      "login user; needs sudo without a password; default: User of ~/.ssh/config, else the name of the worker's user",
  }),
  privateKeyFile,
  hostKey,
  jump: z.array(jump).min(1).max(8).optional().meta({
    description:
      'jump hosts (bastions) on the way, the one that is reached first at the start; see their own table; default: ProxyJump of ~/.ssh/config',
  }),
});

const host = z.strictObject({
  name: label.optional().meta({ description: 'node name; default: <cluster>-1, <cluster>-2, ...' }),
  ssh,
  internalAddress: ipv4.optional().meta({ description: 'address that the cluster itself uses; default: ssh.address' }),
  externalAddress: ipv4
    .optional()
    .meta({ description: 'address at which other clusters reach the host; default: ssh.address' }),
  adopt: z.boolean().default(false).meta({
    description: 'use a working K3s server that leafspan did not install; decided once, when the host is claimed',
  }),
});

const cluster = z.strictObject({
  name: label.meta({ description: 'unique name of the cluster' }),
  hosts: z.array(host).min(1).max(1).meta({ description: 'the hosts of the cluster; one server in this version' }),
});

const gateway = z.strictObject({
  exposure: z.enum(['loadBalancer', 'nodePort']).default('loadBalancer').meta({
    description:
      "how the broker's host exposes the gateway; loadBalancer: by K3s's ServiceLB; nodePort: where ServiceLB is missing or in use",
  }),
  port: port.optional().meta({
    description:
      'port of the gateway that the leaf clusters dial; default: 4143, with nodePort 30143; only with nodePort another one, 30000 to 32767',
  }),
  probePort: port.optional().meta({
    description:
      'port at which the leaf clusters probe the gateway; default: 4191, with nodePort 30191; only with nodePort another one, 30000 to 32767',
  }),
});

const link = z.strictObject({
  mode: z.enum(['mesh', 'direct']).default('mesh').meta({
    description: "mesh: through Linkerd's gateway; direct: NATS mTLS over the broker's external port",
  }),
  gateway: gateway
    .optional()
    .meta({ description: "in mode mesh: Linkerd's gateway on the broker's host; see its own table" }),
});

const k3s = z.strictObject({
  version: z
    .string()
    .regex(/^v1\.\d+\.\d+\+k3s\d+$/, 'must look like v1.36.3+k3s1')
    .default('v1.36.3+k3s1')
    .meta({ description: 'release of K3s, the same on every host' }),
  clusterCidr: cidr
    .default('10.42.0.0/16')
    .meta({ description: 'addresses of pods; clusters may have the same, since only the hosts connect to each other' }),
  serviceCidr: cidr.default('10.43.0.0/16').meta({ description: 'addresses of Services, within each cluster' }),
  maxPods: z
    .number()
    .int()
    .min(20)
    .max(250)
    .optional()
    .meta({ description: "pods that a node may run; default: K3s's own, 110" }),
});

const linkerd = z.strictObject({
  version: z
    .string()
    .regex(/^edge-\d{2}\.\d{1,2}\.\d{1,2}(-[a-z]+)?$/, 'must look like edge-26.8.3')
    .default('edge-26.8.3')
    .meta({
      description: 'release of Linkerd in link.mode mesh: of the CLI, the images and the control plane',
    }),
});

const artifacts = z.strictObject({
  bundle: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'directory with a manifest.json, relative to the topology file' }),
  mirror: z
    .string()
    .regex(
      /^https:\/\/([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?(\/[\w.~%+-]+)*\/?$/,
      'must be an https URL of host, port and path, without a user or a query',
    )
    .optional()
    .meta({ description: 'an https server with the layout of the public releases; hosts reach it without a login' }),
});

const tools = z.array(label).max(50).optional().meta({
  description:
    'command-line tools on each host, in addition to kubectl; []: none; default: helm, linkerd, nats and step, or all of the bundle',
});

const rollout = z.strictObject({
  concurrency: z
    .number()
    .int()
    .min(1)
    .max(200)
    .default(20)
    .meta({ description: 'leaves that are provisioned at the same time' }),
  canary: z.number().int().min(0).max(100).default(1).meta({
    description:
      'leaves that start first; the others start when these are done; with two leaves or fewer all start at once',
  }),
  maxFailures: z
    .string()
    .regex(/^(\d{1,4}|(100|\d{1,2})%)$/, 'must be a number such as "3", or a share such as "10%"')
    .default('10%')
    .meta({
      description:
        'failed leaves that are allowed: a number, or a share of all leaves, of which one may always fail if there are others; with more of them no other leaf starts',
    }),
});

export const topologySchema = z.strictObject({
  apiVersion: z
    .literal('leafspan/v1', { error: 'must be leafspan/v1' })
    .meta({ description: 'version of this format' }),
  name: label.meta({ description: 'name of the topology; two runs on one name cannot overlap' }),
  broker: cluster.meta({ description: 'cluster A: it runs the NATS broker' }),
  leaves: z.array(cluster).min(1).max(1000).meta({ description: 'the leaf clusters; each runs a NATS leaf node' }),
  link: link.prefault({}),
  nats: nats.prefault({}),
  k3s: k3s.prefault({}),
  linkerd: linkerd.prefault({}),
  firewall: z.enum(['report', 'manage']).default('report').meta({
    description:
      "manage: open in each host's own firewall what the topology needs, and close it at teardown; report: change no firewall, `firewall` lists what must be open",
  }),
  approvals: z
    .array(z.enum(GATED_PHASES))
    .default([])
    .meta({ description: 'phases that wait for an approval before they start' }),
  rollout: rollout.prefault({}),
  artifacts: artifacts.prefault({}),
  tools,
});

export type TopologyFile = z.output<typeof topologySchema>;
