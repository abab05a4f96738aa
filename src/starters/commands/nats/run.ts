import { serverOf, type Cluster } from '../../../contract/topology/topology.js';
import { BROKER_CLIENT_SERVICE, LEAF_SERVICE, NATS_NAMESPACE, NATS_PORTS } from '../../../domain/nats/names.js';
import { HOST_DIRECTORY, K3S_BINARY, K3S_KUBECONFIG } from '../../../domain/hosts/paths.js';
import { NATS_CA } from '../../../domain/pki/profiles.js';
import { ProvisionError } from '../../../contract/errors.js';
import { clusterNamed, withHosts } from '../../access/clusters.js';
import { reach, type Address } from '../../access/reach.js';
import { onPath, runWrapped } from '../../access/wrapped.js';
import type { Context } from '../../context.js';
import { commandLine } from '../../invocation.js';
import { interruptible } from '../../io.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';
import { openMaterial } from '../certs/material.js';
import { saysHello } from './probe.js';
import { edgeOf, natsUser } from './user.js';

export interface NatsOptions {
  cluster: string;
  args: readonly string[];
  user?: string;
}

const INSTALL = 'install the nats CLI (github.com/nats-io/natscli), or put it on the PATH: a bundle has it as cli/nats';

/** Through the port that clients outside use where this machine reaches it, else through a tunnel over SSH. */
export async function nats(context: Context, choice: Choice, { cluster, args, user }: NatsOptions): Promise<number> {
  const { topology } = await chooseTopology(context, choice);
  const at = clusterNamed(topology, cluster);
  const { certificate, inboxes } = natsUser(topology, at, user);
  const program = onPath(context, 'nats', INSTALL);
  const material = await openMaterial(context, choice);
  const [cert = '', key = '', ca = ''] = await Promise.all(
    [`${certificate}.crt`, `${certificate}.key`, `${NATS_CA}.crt`].map(async (file) =>
      (await material.read(file)).toString(),
    ),
  );
  const server = serverOf(at);
  return withHosts(context, (hosts) => {
    const script = serviceAddressScript(at);
    const fromHost = async (): Promise<Address> => {
      const { stdout } = await interruptible(context.io, (signal) => hosts.run(server, script, { signal }));
      if (stdout.trim() === '') throw notThere(at);
      return { address: stdout.trim(), port: NATS_PORTS.client };
    };
    const isOpen = (edge: Address): Promise<boolean> => saysHello(edge, { cert, key, ca });
    return reach(hosts, server, { direct: edgeOf(topology, at), isOpen, fromHost }, ({ address, port }) =>
      runWrapped(context, {
        program,
        args: (fileOf) => [
          ...['--no-context', '--server', `tls://${address}:${port}`, '--inbox-prefix', inboxes],
          ...['--tlscert', fileOf('cert'), '--tlskey', fileOf('key'), '--tlsca', fileOf('ca')],
          ...args,
        ],
        env: () => withoutOthers(context.io.env),
        secrets: { cert, key, ca },
      }),
    );
  });
}

const serviceAddressScript = ({ role }: Cluster): string => {
  const service = role === 'broker' ? BROKER_CLIENT_SERVICE : LEAF_SERVICE;
  return `[ ! -d ${HOST_DIRECTORY} ] || KUBECONFIG=${K3S_KUBECONFIG} ${K3S_BINARY} kubectl --cache-dir ${HOST_DIRECTORY}/kubectl -n ${NATS_NAMESPACE} get service ${service} --ignore-not-found -o 'jsonpath={.spec.clusterIP}'`;
};

const notThere = ({ name }: Cluster): ProvisionError =>
  new ProvisionError('COMMAND_FAILED', `cluster "${name}" has no NATS server yet`, commandLine('provision'));

/** Another server's address or user in the environment would win over some of the options. */
const withoutOthers = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('NATS_')));
