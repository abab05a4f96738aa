import type { HostNames, LabNames } from '../names.js';
import type { LabReport } from '../types.js';
import { ensureHostDisk } from './disk.js';
import { ensureHostIdentity } from './identity.js';
import { awaitSsh, powerOn } from './power.js';
import type { HostRoot } from './root.js';

export async function startHost(
  host: HostNames,
  names: LabNames,
  { root, report, signal }: { root: HostRoot; report: LabReport; signal?: AbortSignal | undefined },
): Promise<void> {
  const started = Date.now();
  report({ step: host.host, state: 'running', detail: host.address });
  await ensureHostDisk(host, root);
  await ensureHostIdentity(host, names);
  await powerOn(host, names);
  await awaitSsh(host, signal);
  const detail = `responds on SSH at ${host.address}`;
  report({ step: host.host, state: 'done', detail, elapsedMs: Date.now() - started });
}
