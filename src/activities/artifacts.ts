import { join } from 'node:path';
import { ProvisionError } from '../contract/errors.js';
import {
  fileFactsScript,
  imageFiles,
  inventoryScript,
  k3sFiles,
  parseFileFacts,
  toolFiles,
  toShip,
  type PlacedArtifact,
} from '../domain/artifacts/placement.js';
import { downloadScript, k3sDownloads, linkerdDownloads, type Download } from '../domain/artifacts/releases.js';
import type { BundleManifest } from '../domain/artifacts/bundle-manifest.js';
import { imageListScript, missingImages } from '../domain/k3s/images.js';
import type { ArtifactSource, Host } from '../contract/topology.js';
import { guarded, type Work } from './activity.js';
import type { Ports } from '../parts/ports.js';
import { until } from './wait.js';
import { missingParts, type WantedParts } from '../domain/artifacts/missing.js';

interface ShipInput {
  host: Host;
  source: ArtifactSource;
}

/** A release of K3s is some 300 MB; a slow line needs its time. */
const DOWNLOAD_TIMEOUT_MS = 20 * 60_000;
const IMAGES_TIMEOUT_MS = 5 * 60_000;

export const artifactActivities = (ports: Ports) => {
  const { hosts, bundles } = ports;

  const archOf = async (host: Host, signal: AbortSignal): Promise<string> => {
    const { stdout } = await hosts.run(host, 'uname -m', { signal });
    return stdout.trim() === 'aarch64' ? 'arm64' : 'amd64';
  };

  const ship = async (
    { host, source }: ShipInput,
    pick: (manifest: BundleManifest, arch: string) => PlacedArtifact[],
    { signal, heartbeat }: Work,
  ): Promise<{ changed: string[] }> => {
    if (source.from === 'releases') return { changed: [] };
    const wanted = pick(await bundles.manifest(source.folder), await archOf(host, signal));
    const { stdout } = await hosts.run(host, fileFactsScript(wanted.map(({ path }) => path)), { signal });
    const changed: string[] = [];
    const files = toShip(wanted, parseFileFacts(stdout));
    if (files.length > 0) await hosts.run(host, inventoryScript(files.map(({ path }) => path)), { signal });
    for (const { artifact, path, mode } of files) {
      heartbeat(`sending ${artifact.name}`);
      const file = { path: join(source.folder, artifact.file), sha256: artifact.sha256, size: artifact.size };
      await hosts.upload(host, file, { path, mode }, { signal, heartbeat });
      changed.push(`shipped ${artifact.name} ${artifact.version}`);
    }
    return { changed };
  };

  const download = async (host: Host, file: Download, { signal, heartbeat }: Work): Promise<string[]> => {
    heartbeat(`downloading ${file.url}`);
    const options = { signal, timeoutMs: DOWNLOAD_TIMEOUT_MS, okCodes: [41, 42, 43, 44], failFast: true };
    const { code, stdout, stderr } = await hosts.run(host, downloadScript(file), options);
    const where = { host: host.name };
    if (code === 41)
      throw new ProvisionError(
        'ARTIFACT_CORRUPT',
        `${file.url} has not the checksum that ${file.sums.url} names`,
        'check the mirror',
        where,
      );
    if (code === 42)
      throw new ProvisionError(
        'ARTIFACT_CORRUPT',
        `${file.sums.url} has no checksum of ${file.sums.name}`,
        'check k3s.version and the mirror',
        where,
      );
    if (code === 44)
      throw new ProvisionError(
        'DOWNLOAD_FAILED',
        `${file.url} or ${file.sums.url} cannot be fetched${stderr.trim() === '' ? '' : `: ${stderr.trim()}`}`,
        'check k3s.version, the mirror and the way of the host to it',
        where,
      );
    if (code === 43)
      throw new ProvisionError(
        'PREFLIGHT_FAILED',
        'command curl is missing',
        'install curl, or use artifacts.bundle',
        where,
      );
    return stdout.startsWith('new') ? [`downloaded ${file.sums.name}`] : [];
  };

  return {
    /** The source of artifacts is whole and has what the topology asks for. @throws ProvisionError BUNDLE_INVALID */
    verifyArtifacts: guarded(
      async ({ source, wanted }: { source: ArtifactSource; wanted: WantedParts }, { signal }) => {
        if (source.from === 'releases') return;
        const manifest = await bundles.verify(source.folder, signal);
        const missing = missingParts(manifest, wanted);
        if (missing.length > 0)
          throw new ProvisionError(
            'BUNDLE_INVALID',
            missing.map((part) => `bundle "${manifest.name}": ${part}`).join('\n'),
            'use a bundle that has it',
          );
      },
    ),

    ensureK3sFiles: guarded(async (input: ShipInput & { version: string }, work) => {
      const { host, source, version } = input;
      if (source.from === 'bundle') return ship(input, k3sFiles, work);
      const changed: string[] = [];
      for (const file of k3sDownloads(version, await archOf(host, work.signal), source.mirror))
        changed.push(...(await download(host, file, work)));
      return { changed };
    }),

    ensureImages: guarded((input: ShipInput, work) => ship(input, imageFiles, work)),

    /** Command-line tools of the bundle; without one, only what the run itself needs. A tool of somebody else's stays. */
    ensureTools: guarded(async (input: ShipInput & { wanted: WantedParts }, work) => {
      const { host, source, wanted } = input;
      if (source.from === 'bundle') return ship(input, toolFiles, work);
      if (wanted.linkerd === undefined) return { changed: [] };
      const changed: string[] = [];
      for (const file of linkerdDownloads(wanted.linkerd, await archOf(host, work.signal), source.mirror)) {
        const facts = (await hosts.run(host, fileFactsScript([file.path]), { signal: work.signal })).stdout;
        if (parseFileFacts(facts).get(file.path)?.ours === false) continue;
        await hosts.run(host, inventoryScript([file.path]), { signal: work.signal });
        changed.push(...(await download(host, file, work)));
      }
      return { changed };
    }),

    /** Waits until K3s has imported what was shipped. Without a bundle K3s pulls images when a pod needs them. */
    awaitImages: guarded(async ({ host, source, images }: ShipInput & { images: string[] }, { signal, heartbeat }) => {
      if (source.from === 'releases') return { changed: [] };
      await until(ports.clock, { timeoutMs: IMAGES_TIMEOUT_MS, everyMs: 300, signal }, async () => {
        const { stdout } = await hosts.run(host, imageListScript, { signal, okCodes: [1] });
        const missing = missingImages(images, stdout);
        if (missing.length === 0) return { ready: true };
        heartbeat(`waiting for ${missing.join(', ')}`);
        return { ready: false, saw: `not imported yet: ${missing.join(', ')}` };
      }).catch((error: unknown) => {
        throw error instanceof Error && error.name === 'DeadlineError'
          ? new ProvisionError('NOT_READY', error.message, `see: journalctl -u k3s | grep -i image`, {
              host: host.name,
            })
          : error;
      });
      return { changed: [] };
    }),
  };
};
