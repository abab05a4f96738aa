import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerRecord } from '../../../src/local/record.js';
import { composeService } from './compose-file.js';

/**
 * Arguments: the root to lay out, the app, its packages, Node, where the state is here and there, user and group, and what to
 * run. What Compose's read_only, tmpfs, cap_drop and no-new-privileges do, with this machine's /usr in place of an image's.
 */
const RUN = `set -eu
root=$1 app=$2 packages=$3 node=$4 state=$5 inside=$6 user=$7; shift 7
hostname worker
mount -t tmpfs -o mode=755 worker "$root"
mkdir -p "$root"/usr "$root"/etc "$root"/dev "$root"/proc "$root"/tmp "$root"/cache "$root"/app "$root"/node "$root$inside"
for link in bin sbin lib lib64; do ln -s usr/$link "$root"/$link; done
for place in usr etc; do mount --bind /$place "$root"/$place; mount -o remount,bind,ro "$root"/$place; done
for place in tmp cache; do mount -t tmpfs -o mode=1777 $place "$root"/$place; done
mount --bind /dev "$root"/dev
mount -t proc proc "$root"/proc
mount --bind "$node" "$root"/node
mount --bind "$app" "$root"/app
mount --bind "$packages" "$root"/app/node_modules
mount -o remount,bind,ro "$root"/app
mount --bind "$state" "$root$inside"
mount -o remount,ro "$root"
exec chroot "$root" setpriv --reuid="\${user%:*}" --regid="\${user#*:}" --clear-groups --inh-caps=-all \\
  --ambient-caps=-all --bounding-set=-all --no-new-privs env -i -C /app "$@"`;

const NAMESPACES = ['--mount', '--uts', '--pid', '--fork', '--propagation=private'];

const dockerfile = readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8');
const instruction = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(dockerfile)?.[1] ?? '';

export interface Container {
  /** As Compose does it first. */
  stop(): Promise<void>;
}

/**
 * The worker as Dockerfile and docker-compose.yml say, from an unpacked package, with a state directory of this machine.
 * Resolves when it polls.
 */
export async function startWorkerContainer(
  app: string,
  packages: string,
  stateDir: string,
  address: string,
): Promise<Container> {
  const root = mkdtempSync(join(tmpdir(), 'leafspan-container-'));
  const { environment, user } = composeService('worker', { HOME: '/home/ada' });
  const env = { ...environment, PATH: '/node:/usr/bin', TEMPORAL_ADDRESS: address };
  const variables = [
    ...instruction('ENV').split(' '),
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
  ];
  const entrypoint = JSON.parse(instruction('ENTRYPOINT')) as string[];
  mkdirSync(join(app, 'node_modules'), { recursive: true });
  const places = [root, app, packages, dirname(process.execPath), stateDir];
  const more = [environment['LEAFSPAN_STATE_DIR'] ?? '', user, ...variables, ...entrypoint];
  const child = spawn('unshare', [...NAMESPACES, 'sh', '-c', RUN, 'sh', ...places, ...more]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const stop = async (): Promise<void> => {
    // The child of unshare is what runs in the container.
    const pid = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
    process.kill(Number(pid), 'SIGTERM');
    await once(child, 'close');
    rmSync(root, { recursive: true });
  };
  while (workerRecord(stateDir).read()?.ready !== true) {
    if (child.exitCode !== null) throw new Error(`the worker exited with code ${child.exitCode}: ${output}`);
    await sleep(50);
  }
  return { stop };
}
