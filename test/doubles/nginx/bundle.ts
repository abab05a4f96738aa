import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DescribedArtifact } from '../../../src/domain/artifacts/bundle-manifest.js';
import { fetchDebianFiles } from '../../../src/lab/bundle/debian-packages.js';
import type { GoToolchain } from '../../../src/lab/bundle/go-toolchain.js';
import type { LayerEntry } from '../../../src/lab/bundle/images/layer.js';
import { writeTarball } from '../../../src/lab/bundle/images/tarball.js';
import { mustRun } from '../../../src/lab/machine/run-command.js';

export const EDGE_DOUBLE_SOURCE = dirname(fileURLToPath(import.meta.url));

const REFERENCE = 'docker.io/nginx/nginx-ingress:5.5.4';
const IMAGES_FILE = 'images/nginx-ingress.tar';
const DEFINITIONS_FILE = 'nginx-ingress-crds.yaml';
const PACKAGES = {
  nginx: ['usr/sbin/nginx'],
  'libnginx-mod-stream': ['usr/lib/nginx/modules/ngx_stream_module.so'],
} as const;
const USER = '101:0';
const WRITABLE = ['etc/nginx', 'etc/nginx/secrets', 'var/lib/nginx', 'var/log/nginx'];

/** Fills a bundle's directory with the double's image and definitions. */
export async function edgeArtifacts(directory: string, go: GoToolchain): Promise<DescribedArtifact[]> {
  const work = join(directory, '.edge');
  mkdirSync(work);
  mkdirSync(join(directory, dirname(IMAGES_FILE)), { recursive: true });
  await go.build(EDGE_DOUBLE_SOURCE, `${work}/`, ['./cmd/nginx-ingress']);
  await fetchDebianFiles(work, undefined, PACKAGES);
  const entries = await rootFiles(work);
  const command = { entrypoint: ['/nginx-ingress'], user: USER };
  await writeTarball(join(directory, IMAGES_FILE), [{ reference: REFERENCE, entries, command }]);
  rmSync(work, { recursive: true });
  copyFileSync(join(EDGE_DOUBLE_SOURCE, 'crds.yaml'), join(directory, DEFINITIONS_FILE));
  return [
    {
      ...{ kind: 'images', name: 'nginx-ingress', version: '5.5.4', arch: 'amd64' },
      ...{ file: IMAGES_FILE, images: [REFERENCE] },
    },
    { kind: 'manifests', name: 'nginx-ingress-crds', version: 'v5.5.4', arch: 'any', file: DEFINITIONS_FILE },
  ];
}

async function rootFiles(work: string): Promise<LayerEntry[]> {
  const program = (name: string, file: string): LayerEntry => ({
    ...{ type: 'file', name, content: readFileSync(file), mode: 0o755 },
  });
  const text = (name: string, content: string): LayerEntry => ({ type: 'file', name, content: Buffer.from(content) });
  return [
    ...[...WRITABLE, 'tmp'].map((name): LayerEntry => ({ type: 'directory', name, mode: 0o777 })),
    ...['proc', 'sys', 'dev'].map((name): LayerEntry => ({ type: 'directory', name })),
    text('etc/passwd', 'root:x:0:0:root:/:/bin/false\nnginx:x:101:101:nginx:/:/bin/false\n'),
    text('etc/group', 'root:x:0:\nnginx:x:101:\n'),
    program('nginx-ingress', join(work, 'nginx-ingress')),
    program('usr/sbin/nginx', join(work, 'nginx')),
    program('usr/lib/nginx/modules/ngx_stream_module.so', join(work, 'ngx_stream_module.so')),
    ...(await libraries(join(work, 'nginx'))).map((path) => program(path.slice(1), path)),
  ];
}

/** What nginx is linked to is on each Debian machine: the loader, libc, and what dpkg and ssh need themselves. */
async function libraries(executable: string): Promise<string[]> {
  const printed = await mustRun('ldd', [executable]);
  if (printed.includes('not found')) throw new Error(`nginx needs a library that this machine has not:\n${printed}`);
  return [...printed.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].flatMap(([, path]) => path ?? []);
}
