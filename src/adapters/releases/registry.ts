import { createHash } from 'node:crypto';
import type { Response } from 'undici';
import { ProvisionError } from '../../contract/errors.js';
import type { ImagePlace } from '../../domain/artifacts/image-place.js';
import type { Fetching } from './download.js';
import { OCI, type Descriptor, type OciImage } from './image-archive.js';
import { demand, discard, persistently, type Get, type Headers } from './web.js';

/** https://github.com/opencontainers/distribution-spec, and Docker's older types of the same things. */
const INDEXES = [OCI.index, 'application/vnd.docker.distribution.manifest.list.v2+json'];
const MANIFESTS = [OCI.manifest, 'application/vnd.docker.distribution.manifest.v2+json'];
const ACCEPT = { accept: [...INDEXES, ...MANIFESTS].join(', ') };

interface Platform {
  os: string;
  architecture: string;
}

interface Index {
  manifests: (Descriptor & { platform?: Platform })[];
}
interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
}

/** What is at an image's tag now, for one architecture. Its layers are not fetched. @throws ProvisionError DOWNLOAD_FAILED, ARTIFACT_CORRUPT */
export async function resolveImage(
  { reference, endpoint, tag }: ImagePlace,
  arch: string,
  fetching: Fetching,
): Promise<OciImage> {
  const top = await fetchManifest(`${endpoint}/manifests/${tag}`, fetching);
  const manifest = INDEXES.includes(top.mediaType)
    ? await fetchManifest(`${endpoint}/manifests/${forArch(reference, top.content as Index, arch)}`, fetching)
    : top;
  const { config, layers } = manifest.content as Manifest;
  const configUrl = `${endpoint}/blobs/${config.digest}`;
  const bytes = await fetchBytes(configUrl, {}, fetching);
  matching(configUrl, bytes, config.digest);
  const { architecture } = parse(configUrl, bytes) as Platform;
  if (architecture !== arch) throw notFor(reference, arch, architecture);
  const { mediaType, digest, size, bytes: text } = manifest;
  return { reference, tag, manifest: { mediaType, digest, size, bytes: text }, config: { ...config, bytes }, layers };
}

const forArch = (reference: string, { manifests }: Index, arch: string): string => {
  const found = manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === arch);
  if (found !== undefined) return found.digest;
  throw notFor(reference, arch, manifests.map(({ platform }) => platform?.architecture ?? 'unknown').join(', '));
};

const notFor = (reference: string, arch: string, has: string): ProvisionError =>
  new ProvisionError('DOWNLOAD_FAILED', `${reference} is not for ${arch}, it is for ${has}`, 'take another --arch');

async function fetchManifest(
  url: string,
  fetching: Fetching,
): Promise<OciImage['manifest'] & { content: Index | Manifest }> {
  const bytes = await fetchBytes(url, ACCEPT, fetching);
  const wanted = url.slice(url.lastIndexOf('/') + 1);
  const digest = wanted.startsWith('sha256:') ? matching(url, bytes, wanted) : digestOf(bytes);
  const content = parse(url, bytes) as (Index | Manifest) & { mediaType?: string };
  // OCI lets a manifest leave its own type out.
  const mediaType = content.mediaType ?? ('manifests' in content ? OCI.index : OCI.manifest);
  return { mediaType, digest, size: bytes.length, bytes, content };
}

const fetchBytes = (url: string, headers: Headers, { get, ...fetching }: Fetching): Promise<Buffer> =>
  persistently(url, fetching, async () => {
    const response = await demand(await get(url, headers, fetching.signal), url);
    return Buffer.from(await response.arrayBuffer());
  });

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

function matching(url: string, bytes: Buffer, wanted: string): string {
  const digest = digestOf(bytes);
  if (digest === wanted) return digest;
  throw new ProvisionError('ARTIFACT_CORRUPT', `${url} has digest ${digest}`, 'check the mirror');
}

/** What comes from a tag has no checksum: it may be the page of a proxy. */
function parse(url: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    throw new ProvisionError('ARTIFACT_CORRUPT', `${url} is no JSON`, 'check the mirror');
  }
}

/**
 * Registries want a token even of those who may read without a name: a refusal says where to get it. It is asked for once
 * per image. After a redirect the token belongs to the place where the refusal came from.
 */
export function withTokens(get: Get): Get {
  const tokens = new Map<string, string>();
  return async (url, headers, signal) => {
    const refused = await get(url, headers, signal);
    const place = refused.status === 401 ? tokenPlace(refused) : undefined;
    if (place === undefined) return refused;
    await discard(refused);
    const again = (token: string): Promise<Response> =>
      get(refused.url, { ...headers, authorization: `Bearer ${token}` }, signal);
    const known = tokens.get(place);
    if (known !== undefined) {
      const response = await again(known);
      if (response.status !== 401) return response;
      await discard(response); // it has run out
    }
    const token = await fetchToken(place, get, signal);
    tokens.set(place, token);
    return again(token);
  };
}

/** From `Bearer realm="https://…",service="…",scope="…"`. */
function tokenPlace(refused: Response): string | undefined {
  const challenge = refused.headers.get('www-authenticate') ?? '';
  if (!/^bearer /i.test(challenge)) return undefined;
  const { realm, ...query } = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
  if (realm === undefined) return undefined;
  const { service, scope } = query;
  const url = new URL(realm, refused.url);
  for (const [key, value] of Object.entries({ service, scope }))
    if (value !== undefined) url.searchParams.set(key, value);
  return url.href;
}

async function fetchToken(place: string, get: Get, signal: AbortSignal): Promise<string> {
  const response = await demand(await get(place, {}, signal), place);
  const { token, access_token: accessToken } = (await response.json()) as { token?: string; access_token?: string };
  return token ?? accessToken ?? '';
}
