import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { tarPieces, type TarEntry } from './tar-archive.js';

export interface ImageSpec {
  /** As `docker save` would write it. */
  reference: string;
  entries: TarEntry[];
  command: { entrypoint?: string[]; cmd?: string[]; user?: string; workingDir?: string; exposedPorts?: string[] };
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const sha256 = (pieces: readonly Buffer[]): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};

/** The pieces of a tarball in the `docker save` layout: one layer per image, equal layers once. */
export function imageTarballPieces(images: readonly ImageSpec[]): Buffer[] {
  const files = new Map<string, Buffer>();
  const manifest = images.map((image) => {
    const layer = tarPieces(withParents(image.entries));
    const layerHash = sha256(layer);
    const config = Buffer.from(JSON.stringify(imageConfig(image, layerHash)));
    const configFile = `${sha256([config])}.json`;
    files.set(`${layerHash}/layer.tar`, Buffer.concat(layer));
    files.set(configFile, config);
    return { Config: configFile, RepoTags: [image.reference], Layers: [`${layerHash}/layer.tar`] };
  });
  files.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
  return tarPieces([...files].map(([name, content]) => ({ type: 'file', name, content })));
}

function imageConfig({ command }: ImageSpec, layerHash: string): object {
  const { entrypoint, cmd, user, workingDir, exposedPorts } = command;
  return {
    architecture: 'amd64',
    os: 'linux',
    config: {
      Env: [PATH],
      ...(entrypoint && { Entrypoint: entrypoint }),
      ...(cmd && { Cmd: cmd }),
      ...(user && { User: user }),
      ...(workingDir && { WorkingDir: workingDir }),
      ...(exposedPorts && { ExposedPorts: Object.fromEntries(exposedPorts.map((port) => [port, {}])) }),
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layerHash}`] },
    history: [{ created_by: 'leafspan lab' }],
  };
}

/** Adds the folders above each entry that are not entries themselves, parents first. */
function withParents(entries: readonly TarEntry[]): TarEntry[] {
  const seen = new Set(entries.filter((entry) => entry.type === 'folder').map((entry) => entry.name));
  const added: TarEntry[] = [];
  for (const entry of entries) {
    const missing: string[] = [];
    for (let above = posix.dirname(entry.name); above !== '.' && !seen.has(above); above = posix.dirname(above)) {
      missing.unshift(above);
      seen.add(above);
    }
    added.push(...missing.map((name): TarEntry => ({ type: 'folder', name })));
  }
  const folders = [...added, ...entries.filter((entry) => entry.type === 'folder')];
  return [...folders.sort((a, b) => (a.name < b.name ? -1 : 1)), ...entries.filter((entry) => entry.type !== 'folder')];
}
