import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { clustersOf, serverOf, type Topology } from '../../../contract/topology/topology.js';
import { OUTSIDE, usersIn, usersOutside, type UserAt } from '../../../domain/accounts/accounts.js';
import { userCertificate } from '../../../domain/accounts/names.js';
import { inboxPrefixOf } from '../../../domain/accounts/permissions.js';
import { NATS_CA } from '../../../domain/pki/profiles.js';
import { writeWhole } from '../../../local/atomic-file.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { say } from '../../io.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';
import { openMaterial } from './material.js';

export interface UserOptions {
  /** `ACCOUNT/user`. */
  user: string;
  at?: string;
  format?: string;
  out: string;
}

const PUBLIC = 0o644;
const PASSWORD_BYTES = 18;
const FORMATS = ['context', 'pem', 'p12'];

/** Writes what one user needs: certificate, key and CA, and a context of the nats CLI or a PKCS#12 file. */
export async function exportUser(context: Context, choice: Choice, options: UserOptions): Promise<number> {
  const { io } = context;
  const { format = 'context' } = options;
  if (!FORMATS.includes(format)) throw usage(`"${format}" is not a format`, `write one of ${FORMATS.join(', ')}`);
  const { topology } = await chooseTopology(context, choice);
  const user = userOf(topology, options);
  const material = await openMaterial(context, choice);
  const name = userCertificate(user);
  const [certificate = '', privateKey = '', ca = ''] = await Promise.all(
    [`${name}.crt`, `${name}.key`, `${NATS_CA}.crt`].map(async (file) => (await material.read(file)).toString()),
  );
  const directory = resolve(io.cwd, options.out);
  const path = (file: string): string => join(directory, file);
  await writeWhole(path('tls.key'), privateKey);
  await writeWhole(path('tls.crt'), certificate, PUBLIC);
  await writeWhole(path('ca.crt'), ca, PUBLIC);
  if (format === 'context') {
    const settings = {
      description: `${user.name} of ${user.account} at ${user.site}`,
      url: urlOf(topology, user),
      cert: path('tls.crt'),
      key: path('tls.key'),
      ca: path('ca.crt'),
      inbox_prefix: inboxPrefixOf(user),
    };
    await writeWhole(path('context.json'), `${JSON.stringify(settings, null, 2)}\n`);
  }
  if (format === 'p12') {
    const { writePkcs12 } = await import('../../../adapters/cert-mint/pkcs12.js');
    const password = randomBytes(PASSWORD_BYTES).toString('base64url');
    await writeWhole(path('user.p12'), writePkcs12({ certificate, privateKey, ca, password, name: user.name }));
    await writeWhole(path('user.p12.password'), `${password}\n`);
  }
  say(io, `${user.name} of ${user.account} at ${user.site}: written to ${options.out}`);
  if (format === 'context') say(io, `next: nats --context ${join(options.out, 'context.json')} rtt`);
  return 0;
}

function userOf(topology: Topology, { user: wanted, at }: UserOptions): UserAt {
  const all = (topology.nats.accounts ?? []).flatMap((account) => [
    ...usersOutside(account),
    ...clustersOf(topology).flatMap((cluster) => usersIn(account, cluster)),
  ]);
  const named = all.filter(({ account, name }) => `${account}/${name}` === wanted);
  if (named.length === 0) {
    const known = [...new Set(all.map(({ account, name }) => `${account}/${name}`))];
    throw usage(
      `topology "${topology.name}" has no user "${wanted}"`,
      known.length === 0 ? 'declare nats.accounts in the topology' : `its users are: ${known.join(', ')}`,
    );
  }
  const [found, more] = at === undefined ? named : named.filter(({ site }) => site === at);
  if (found !== undefined && more === undefined) return found;
  throw usage(
    found === undefined ? `${wanted} is not at "${at ?? ''}"` : `${wanted} has a certificate at each of its places`,
    `write --at ${named.map(({ site }) => site).join(' | ')}`,
  );
}

/** In a cluster the address is a Service's, as a pod dials it. */
function urlOf(topology: Topology, { site }: UserAt): string {
  const { nats, broker } = topology;
  if (site === OUTSIDE) return `tls://${serverOf(broker).externalAddress}:${nats.clientNodePort}`;
  return site === broker.name
    ? 'tls://nats-broker-client.nats-system.svc.cluster.local:4222'
    : 'tls://nats-leaf.nats-system.svc.cluster.local:4222';
}
