import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { mustRun } from '../machine/run-command.js';
import { DEBIAN_FILES } from './recipe.js';

/** The library lies beside the program: a host need not have the package. */
const IPSET = `#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
LD_LIBRARY_PATH=$here exec "$here/ipset-program" "$@"
`;

/** Makes `k3s` of the launcher and of the programs that it unpacks on a host, in bin as in K3s's own archive. */
export async function packK3s(directory: string, debian: string, signal: AbortSignal | undefined): Promise<void> {
  const programs = join(directory, 'programs');
  const bin = join(programs, 'bin');
  mkdirSync(bin, { recursive: true });
  const [containerd, shim, ctr] = DEBIAN_FILES.containerd;
  const plugins = DEBIAN_FILES['containernetworking-plugins'];
  for (const file of [containerd, shim, ...DEBIAN_FILES.runc, ...plugins])
    copyFileSync(join(debian, basename(file)), join(bin, basename(file)));
  copyFileSync(join(debian, basename(ctr)), join(bin, 'containerd-ctr'));
  for (const name of ['kubectl', 'ctr', 'crictl']) symlinkSync('k3s', join(bin, name));
  copyFileSync(join(debian, 'ipset'), join(bin, 'ipset-program'));
  copyFileSync(join(debian, 'libipset.so.13'), join(bin, 'libipset.so.13'));
  writeFileSync(join(bin, 'ipset'), IPSET, { mode: 0o755 });
  await mustRun(join(directory, 'payload'), [join(directory, 'launcher'), programs], { signal });
  renameSync(join(directory, 'launcher'), join(directory, 'k3s'));
  rmSync(programs, { recursive: true });
  rmSync(join(directory, 'payload'));
}
