import { fullReference } from '../artifacts/image-place.js';

/** Lists the image references that the container runtime has, one per line. */
export const imageListScript = '/usr/local/bin/k3s ctr -n k8s.io images list -q';

export function missingImages(wanted: readonly string[], listed: string): string[] {
  const present = new Set(listed.split('\n').map((line) => line.trim()));
  return wanted.filter((image) => !present.has(fullReference(image)) && !present.has(image));
}
