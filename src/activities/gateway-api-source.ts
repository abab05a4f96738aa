import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ProvisionError } from '../contract/errors.js';
import { gatewayApiDownloads, printPinnedScript } from '../domain/artifacts/releases.js';
import { bundledGatewayApi } from '../domain/linkerd/gateway-api.js';
import type { ArtifactSource, Host } from '../contract/topology.js';
import type { Work } from './activity.js';
import type { Ports } from '../parts/ports.js';

export interface ManifestSource {
  /** Names the contents before they are read. */
  sha256: string;
  read: () => Promise<string>;
}

const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
const FAILURES: Readonly<Record<number, 'ARTIFACT_CORRUPT' | 'PREFLIGHT_FAILED' | 'DOWNLOAD_FAILED'>> = {
  41: 'ARTIFACT_CORRUPT',
  43: 'PREFLIGHT_FAILED',
  44: 'DOWNLOAD_FAILED',
};

/** The CRDs of the Gateway API from the bundle, or fetched by the host from their public place and checked there. */
export async function gatewayApiSource(
  { hosts, bundles }: Pick<Ports, 'hosts' | 'bundles'>,
  host: Host,
  source: ArtifactSource,
  { signal }: Work,
): Promise<ManifestSource> {
  if (source.from === 'bundle') {
    const artifact = bundledGatewayApi(await bundles.manifest(source.folder));
    if (artifact === undefined)
      throw new ProvisionError('BUNDLE_INVALID', 'the bundle has no manifests named gateway-api', 'use one that has');
    return { sha256: artifact.sha256, read: () => readFile(join(source.folder, artifact.file), 'utf8') };
  }
  const files = gatewayApiDownloads(source.mirror);
  const sha256 = createHash('sha256').update(files.map((file) => file.sha256).join('\n'));
  return {
    sha256: sha256.digest('hex'),
    read: async () => {
      const options = { signal, timeoutMs: DOWNLOAD_TIMEOUT_MS, okCodes: [41, 43, 44] };
      const { code, stdout, stderr } = await hosts.run(host, printPinnedScript(files), options);
      const failure = FAILURES[code];
      if (failure === undefined) return stdout;
      const url = stderr.trim().split('\n').at(-1) ?? '';
      throw new ProvisionError(
        failure,
        failure === 'PREFLIGHT_FAILED'
          ? 'command curl is missing'
          : `${url} ${failure === 'ARTIFACT_CORRUPT' ? 'has not the checksum of its release' : 'cannot be fetched'}`,
        'check the mirror and the way of the host to it, or use artifacts.bundle',
        { host: host.name },
      );
    },
  };
}
