import { fullReference } from '../artifacts/image-place.js';
import { IMAGES_DIRECTORY, INVENTORY_FILE } from '../hosts/paths.js';

/**
 * Lists the image references that the container runtime has, one per line. Exit code 1: it does not run yet; K3s's own ctr
 * would first unpack all of K3s.
 */
export const imageListScript =
  '[ -S /run/k3s/containerd/containerd.sock ] && /usr/local/bin/k3s ctr -n k8s.io images list -q';

/**
 * Prints the last line by which K3s says that it cannot import one of our files, as it is now; nothing when it has not said
 * so. K3s does not try again by itself (pkg/agent/containerd: preloadImages, processImageEvent).
 */
export const importFailureScript = `
newest=$(find ${IMAGES_DIRECTORY} -maxdepth 1 -type f -printf '%T@\\n' 2>/dev/null | sort -n | tail -n 1)
[ -n "$newest" ] && [ -f ${INVENTORY_FILE} ] || exit 0
journalctl -q -u k3s -o cat --no-pager --since "@\${newest%.*}" 2>/dev/null |
  grep -aE 'Error encountered while importing|Failed to process image event' |
  grep -aF -f <(grep '^${IMAGES_DIRECTORY}/' ${INVENTORY_FILE}) | tail -n 1 | cut -c 1-500
`;

export function missingImages(wanted: readonly string[], listed: string): string[] {
  const present = new Set(listed.split('\n').map((line) => line.trim()));
  return wanted.filter((image) => !present.has(fullReference(image)) && !present.has(image));
}
