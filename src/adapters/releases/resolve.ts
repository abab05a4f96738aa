import { isProvisionError, ProvisionError } from '../../contract/errors.js';
import type { BundlePart } from '../../domain/artifacts/bundle-contents.js';
import type { DescribedArtifact } from '../../domain/artifacts/bundle-manifest.js';
import type { ArchivedProgram } from '../../domain/artifacts/tools.js';
import { checksumIn } from '../../domain/artifacts/sums.js';
import { Semaphore } from '../../local/semaphore.js';
import { fetchText, type Fetching } from './download.js';
import type { OciImage } from './image-archive.js';
import { resolveImage } from './registry.js';

/** A part whose bytes are known by their checksums. */
export type ResolvedPart = { artifact: DescribedArtifact } & (
  | { from: 'publisher'; url: string; sha256: string }
  | { from: 'archive'; program: ArchivedProgram }
  | { from: 'pinned'; files: { url: string; sha256: string }[]; sha256: string }
  | { from: 'registry'; images: (OciImage & { endpoint: string })[] }
);

const AT_ONCE = 4;

/** Asks the release places what there is, before anything large is fetched. @throws ProvisionError with every problem */
export async function resolveParts(parts: readonly BundlePart[], fetching: Fetching): Promise<ResolvedPart[]> {
  const turns = new Semaphore(AT_ONCE);
  const settled = await Promise.allSettled(
    parts.map((part) => turns.run(fetching.signal, () => resolve(part, fetching))),
  );
  fetching.signal.throwIfAborted();
  const failures = settled.filter((result) => result.status === 'rejected').map(({ reason }): unknown => reason);
  if (failures.length === 0) return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const [first] = failures;
  if (!failures.every(isProvisionError) || !isProvisionError(first))
    throw failures.find((failure) => !isProvisionError(failure));
  const messages = [...new Set(failures.map(({ message }) => message))];
  throw new ProvisionError(first.code, messages.join('\n'), first.hint);
}

async function resolve(part: BundlePart, fetching: Fetching): Promise<ResolvedPart> {
  const { artifact } = part;
  if (part.from === 'pinned' || part.from === 'archive') return part;
  if (part.from === 'registry') {
    const images = [];
    for (const place of part.images)
      images.push({ ...(await resolveImage(place, part.arch, fetching)), endpoint: place.endpoint });
    return { artifact, from: 'registry', images };
  }
  const sha256 = await publishedSum(part.file, fetching);
  const list = part.imageList === undefined ? undefined : await fetchText(part.imageList.url, fetching);
  const images = (list ?? '').split('\n').filter((line) => line !== '');
  return {
    artifact: artifact.kind === 'images' ? { ...artifact, images } : artifact,
    from: 'publisher',
    url: part.file.url,
    sha256,
  };
}

async function publishedSum({ sums: { url, name } }: { sums: { url: string; name: string } }, fetching: Fetching) {
  const sum = checksumIn(await fetchText(url, fetching), name);
  if (sum !== undefined) return sum;
  throw new ProvisionError(
    'ARTIFACT_CORRUPT',
    `${url} has no checksum of ${name}`,
    'check the versions and the mirror',
  );
}
