import { fullReference } from '../artifacts/image-place.js';

/**
 * Lists the image references that the container runtime has, one per line. Exit code 1: it does not run yet; K3s's own ctr
 * would first unpack all of K3s.
 */
export const imageListScript =
  '[ -S /run/k3s/containerd/containerd.sock ] && /usr/local/bin/k3s ctr -n k8s.io images list -q';

export function missingImages(wanted: readonly string[], listed: string): string[] {
  const present = new Set(listed.split('\n').map((line) => line.trim()));
  return wanted.filter((image) => !present.has(fullReference(image)) && !present.has(image));
}
