/** Lists the image references that the container runtime has, one per line. */
export const imageListScript = '/usr/local/bin/k3s ctr -n k8s.io images list -q';

/** containerd keeps the full name of an image; people write the short one. */
export function fullReference(image: string): string {
  const [first = '', ...rest] = image.split('/');
  if (rest.length === 0) return `docker.io/library/${image}`;
  return first.includes('.') || first.includes(':') || first === 'localhost' ? image : `docker.io/${image}`;
}

export function missingImages(wanted: readonly string[], listed: string): string[] {
  const present = new Set(listed.split('\n').map((line) => line.trim()));
  return wanted.filter((image) => !present.has(fullReference(image)) && !present.has(image));
}
