import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { K3S_KUBECONFIG } from '../../../domain/hosts/paths.js';
import { API_PORT, outside } from '../../access/kubeconfigs.js';
import { serverOf } from '../../../contract/topology/topology.js';
import { writeWhole } from '../../../local/atomic-file.js';
import { clusterNamed, withHosts } from '../../access/clusters.js';
import type { Context } from '../../context.js';
import { interruptible, printData, say } from '../../io.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';

export interface KubeconfigOptions {
  cluster: string;
  out?: string;
  merge?: boolean;
  remove?: boolean;
  /** Of the context. */
  name?: string;
}

/** The cluster's kubeconfig with the address at which this machine reaches it. */
export async function kubeconfig(context: Context, choice: Choice, options: KubeconfigOptions): Promise<number> {
  const { cluster, out, merge, remove, name = cluster } = options;
  const { io } = context;
  const { topology } = await chooseTopology(context, choice);
  if (remove === true) return takeOut(context, { topology: topology.name, cluster });
  const server = serverOf(clusterNamed(topology, cluster));
  const { stdout } = await withHosts(context, (hosts) =>
    interruptible(io, (signal) => hosts.run(server, `cat ${K3S_KUBECONFIG}`, { signal })),
  );
  const text = outside(server, stdout, `${server.externalAddress}:${API_PORT}`);
  if (merge === true) return putIn(context, text, { name, topology: topology.name, cluster });
  if (out === undefined) printData(io, text);
  else {
    await writeWhole(resolve(io.cwd, out), text);
    say(io, `written: ${out}; use it with: kubectl --kubeconfig ${out} get nodes`);
  }
  return 0;
}

/** As kubectl finds it; of several files it writes to the first. */
function personalFile({ io }: Context): string {
  const [first] = (io.env['KUBECONFIG'] ?? '').split(':').filter((path) => path !== '');
  return first === undefined ? join(io.home, '.kube', 'config') : resolve(io.cwd, first);
}

interface Owner {
  topology: string;
  cluster: string;
}

async function putIn(context: Context, text: string, entry: Owner & { name: string }): Promise<number> {
  const { backupOf, merge } = await import('./merge.js');
  const file = personalFile(context);
  const changed = await merge(file, text, entry);
  const before = existsSync(backupOf(file)) ? `; the file before is ${backupOf(file)}` : '';
  say(context.io, changed ? `merged into ${file}${before}` : `${file} has it already`);
  say(context.io, `use it with: kubectl --context ${entry.name} get nodes`);
  return 0;
}

async function takeOut(context: Context, owner: Owner): Promise<number> {
  const { backupOf, unmerge } = await import('./merge.js');
  const file = personalFile(context);
  const changed = await unmerge(file, owner);
  const what = `cluster "${owner.cluster}" of topology "${owner.topology}"`;
  say(
    context.io,
    changed ? `taken out of ${file}; the file before is ${backupOf(file)}` : `${file} has no entry of ${what}`,
  );
  return 0;
}
