import { fullReference } from '../../artifacts/image-place.js';
import { BEFORE_DIRECTORY } from '../../hosts/paths.js';
import { quote } from '../../hosts/quote.js';

const RECORD = `${BEFORE_DIRECTORY}/images`;
const RUNS = '[ -S /run/k3s/containerd/containerd.sock ]';
const CTR = '/usr/local/bin/k3s ctr -n k8s.io';

/** Of a K3s that stays its owner's. It runs before the host is claimed. */
export const recordImagesScript = `
if ${RUNS}; then
  mkdir -p -m 0700 ${BEFORE_DIRECTORY}
  ${CTR} images list -q > ${RECORD} || rm -f ${RECORD}
fi
`;

/** A filter of containerd. */
const outside = (namespaces: readonly string[]): string =>
  namespaces.map((namespace) => `labels."io.kubernetes.pod.namespace"!=${namespace}`).join(',');

/**
 * Prints nothing without a record: then it is unknown what was there.
 * @param files tarballs that leafspan put there
 * @param namespaces where pods are leafspan's
 */
export const imageFactsScript = (files: readonly string[], namespaces: readonly string[]): string => `
[ -f ${RECORD} ] && ${RUNS} || exit 0
sed 's/^/before=/' ${RECORD}
${CTR} images list | awk 'NR > 1 {print "image=" $1, $3}'
${CTR} containers list ${quote(outside(namespaces))} | awk 'NR > 1 {print "used=" $2}'
for file in ${files.map(quote).join(' ')}; do
  tar -xOf "$file" manifest.json 2>/dev/null | grep -oE '"RepoTags": *\\[[^]]*' | grep -oE '"[^"]*"' | sed 's/"//g; s/^/tag=/' || true
done
`;

/**
 * References of images that came with leafspan: those of its tarballs and those that its pods needed, under every name that
 * they have, unless they were there before or a pod of others runs from them.
 */
export function broughtImages(output: string, needed: readonly string[]): string[] {
  const all = (key: string): string[] =>
    [...output.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, it = '']) => it);
  const images = all('image').map((line) => {
    const [reference = '', digest = ''] = line.split(' ');
    return { reference, digest };
  });
  const digestsOf = (references: ReadonlySet<string>): Set<string> =>
    new Set(images.filter(({ reference }) => references.has(reference)).map(({ digest }) => digest));
  const before = new Set(all('before'));
  const [ours, used] = [
    digestsOf(new Set([...all('tag'), ...needed].map(fullReference).filter((reference) => !before.has(reference)))),
    digestsOf(new Set(all('used'))),
  ];
  return images
    .filter(({ reference, digest }) => ours.has(digest) && !used.has(digest) && !before.has(reference))
    .map(({ reference }) => reference);
}

export const removeImagesScript = (references: readonly string[]): string =>
  `${CTR} images rm ${references.map(quote).join(' ')} >/dev/null`;
