import { createHash } from 'node:crypto';
import type { Response } from 'undici';
import { z } from 'zod';
import { ProvisionError } from '../../contract/errors.js';
import type { ImagePlace } from '../../domain/artifacts/image-place.js';
import { parseJson, type Schema } from '../../local/json.js';
import type { Fetching } from './download.js';
import { OCI, type Descriptor, type OciImage } from './image-archive.js';
import { demand, discard, persistently, readSmall, type Get, type Headers } from './web.js';

/** https://github.com/opencontainers/distribution-spec, and Docker's older types of the same things. */
const INDEXES = [OCI.index, 'application/vnd.docker.distribution.manifest.list.v2+json'];
const MANIFESTS = [OCI.manifest, 'application/vnd.docker.distribution.manifest.v2+json'];
const ACCEPT = { accept: [...INDEXES, ...MANIFESTS].join(', ') };

const descriptor = z.object({ mediaType: z.string(), digest: z.string(), size: z.number() });
const platform = z.object({ os: z.string(), architecture: z.string() });
const index = z.object({ manifests: z.array(descriptor.extend({ platform: platform.optional() })) });
const manifest = z.object({ config: descriptor, layers: z.array(descriptor) });
/** OCI lets a manifest leave its own type out. */
const either = z.object({ mediaType: z.string().optional(), manifests: z.array(z.unknown()).optional() });
const token = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** What is at an image's tag now, for one architecture. Its layers are not fetched. @throws ProvisionError DOWNLOAD_FAILED, ARTIFACT_CORRUPT */
export async function resolveImage(
  { reference, endpoint, tag }: ImagePlace,
  arch: string,
  fetching: Fetching,
): Promise<OciImage> {
  const top = await fetchManifest(`${endpoint}/manifests/${tag}`, fetching);
  const found = INDEXES.includes(top.mediaType)
    ? await fetchManifest(`${endpoint}/manifests/${forArch(reference, top.parse(index), arch)}`, fetching)
    : top;
  const { config, layers } = found.parse(manifest);
  const configUrl = `${endpoint}/blobs/${config.digest}`;
  const bytes = await fetchBytes(configUrl, {}, fetching);
  matching(configUrl, bytes, config.digest);
  const { architecture } = parse(configUrl, bytes, platform);
  if (architecture !== arch) throw notFor(reference, arch, architecture);
  const { mediaType, digest, size, bytes: text } = found;
  return { reference, tag, manifest: { mediaType, digest, size, bytes: text }, config: { ...config, bytes }, layers };
}

const forArch = (reference: string, { manifests }: z.infer<typeof index>, arch: string): string => {
  const found = manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === arch);
  if (found !== undefined) return found.digest;
  throw notFor(reference, arch, manifests.map(({ platform }) => platform?.architecture ?? 'unknown').join(', '));
};

const notFor = (reference: string, arch: string, has: string): ProvisionError =>
  new ProvisionError('DOWNLOAD_FAILED', `${reference} is not for ${arch}, it is for ${has}`, 'take another --arch');

interface Fetched extends Descriptor {
  bytes: Buffer;
  parse: <T>(schema: Schema<T>) => T;
}

async function fetchManifest(url: string, fetching: Fetching): Promise<Fetched> {
  const bytes = await fetchBytes(url, ACCEPT, fetching);
  const wanted = url.slice(url.lastIndexOf('/') + 1);
  const digest = wanted.startsWith('sha256:') ? matching(url, bytes, wanted) : digestOf(bytes);
  const { mediaType, manifests } = parse(url, bytes, either);
  return {
    mediaType: mediaType ?? (manifests === undefined ? OCI.manifest : OCI.index),
    digest,
    size: bytes.length,
    bytes,
    parse: (schema) => parse(url, bytes, schema),
  };
}

const fetchBytes = (url: string, headers: Headers, { get, ...fetching }: Fetching): Promise<Buffer> =>
  persistently(url, fetching, async () => {
    const response = await demand(await get(url, headers, fetching.signal), url);
    return readSmall(response, url);
  });

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

function matching(url: string, bytes: Buffer, wanted: string): string {
  const digest = digestOf(bytes);
  if (digest === wanted) return digest;
  throw new ProvisionError('ARTIFACT_CORRUPT', `${url} has digest ${digest}`, 'check the mirror');
}

/** What comes from a tag has no checksum: it may be the page of a proxy. */
function parse<T>(url: string, bytes: Buffer, schema: Schema<T>): T {
  try {
    return parseJson(bytes.toString('utf8'), schema);
  } catch {
    throw new ProvisionError('ARTIFACT_CORRUPT', `${url} is not what a registry returns there`, 'check the mirror');
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
  const issued = token.parse(await response.json());
  return issued.token ?? issued.access_token ?? '';
}
