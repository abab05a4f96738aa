import { IMAGES } from '../recipe.js';
import type { LayerEntry } from './layer.js';
import type { ImageSpec } from './tarball.js';

export interface ImageBinaries {
  pause: Buffer;
  coredns: Buffer;
  natsServer: Buffer;
  natsCli: Buffer;
  busybox: Buffer;
  /** Names of busybox's commands. */
  applets: readonly string[];
  certificates: Buffer;
}

const program = (name: string, content: Buffer): LayerEntry => ({ type: 'file', name, content, mode: 0o755 });
const text = (name: string, content: string): LayerEntry => ({ type: 'file', name, content: Buffer.from(content) });

const accounts: LayerEntry[] = [
  text(
    'etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\nnats:x:1000:1000:nats:/nsc:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  ),
  text('etc/group', 'root:x:0:\nnats:x:1000:\nnobody:x:65534:\n'),
  text('etc/nsswitch.conf', 'hosts: files dns\n'),
];

/** What programs in any image expect to find. */
const base = (certificates: Buffer): LayerEntry[] => [
  { type: 'directory', name: 'tmp', mode: 0o1777 },
  { type: 'directory', name: 'var/tmp', mode: 0o1777 },
  { type: 'directory', name: 'root', mode: 0o700 },
  { type: 'directory', name: 'run' },
  { type: 'directory', name: 'proc' },
  { type: 'directory', name: 'sys' },
  { type: 'directory', name: 'dev' },
  { type: 'file', name: 'etc/ssl/certs/ca-certificates.crt', content: certificates },
  ...accounts,
];

const shell = ({ busybox, applets }: ImageBinaries): LayerEntry[] => [
  program('bin/busybox', busybox),
  ...applets
    .filter((applet) => applet !== 'busybox')
    .map((applet): LayerEntry => ({ type: 'link', name: `bin/${applet}`, target: '/bin/busybox' })),
];

/** Arguments go to nats-server, unless the first one names a program. */
const NATS_ENTRYPOINT = `#!/bin/sh
set -e
case "\${1:-}" in
'' | -*) set -- nats-server "$@" ;;
esac
exec "$@"
`;
const NATS_CONFIG = 'port: 4222\nhttp_port: 8222\n';

/** What K3s itself needs. */
export const systemImages = (binaries: ImageBinaries): ImageSpec[] => [
  {
    reference: IMAGES.pause,
    entries: [program('pause', binaries.pause)],
    command: { entrypoint: ['/pause'], user: '65535:65535' },
  },
  {
    reference: IMAGES.coredns,
    entries: [...base(binaries.certificates), program('coredns', binaries.coredns)],
    command: { entrypoint: ['/coredns'], exposedPorts: ['53/tcp', '53/udp'] },
  },
];

export const natsImages = (binaries: ImageBinaries): ImageSpec[] => [
  {
    reference: IMAGES.nats,
    entries: [
      ...base(binaries.certificates),
      ...shell(binaries),
      program('usr/local/bin/nats-server', binaries.natsServer),
      program('usr/local/bin/docker-entrypoint.sh', Buffer.from(NATS_ENTRYPOINT)),
      text('etc/nats/nats-server.conf', NATS_CONFIG),
    ],
    command: {
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['nats-server', '--config', '/etc/nats/nats-server.conf'],
      exposedPorts: ['4222/tcp', '6222/tcp', '8222/tcp'],
    },
  },
];

export const natsBoxImages = (binaries: ImageBinaries): ImageSpec[] => [
  {
    reference: IMAGES.natsBox,
    entries: [
      ...base(binaries.certificates),
      ...shell(binaries),
      { type: 'directory', name: 'nsc', mode: 0o777 },
      program('usr/local/bin/nats', binaries.natsCli),
    ],
    command: { cmd: ['/bin/sh'], workingDir: '/root' },
  },
];
