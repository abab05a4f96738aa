/** Where a registry has an image. */
export interface ImagePlace {
  /** With its registry, as containerd knows it. */
  reference: string;
  /** `<origin>/v2/<repository>`; `/manifests/<tag>` and `/blobs/<digest>` lie below it. */
  endpoint: string;
  tag: string;
}

/** Docker Hub's server has another name than its images have. */
const HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/** A mirror has the images of a registry below `/v2/<registry>/`. */
export function imagePlace(image: string, mirror?: string): ImagePlace {
  const reference = fullReference(image);
  const slash = reference.indexOf('/');
  const colon = reference.lastIndexOf(':');
  const registry = reference.slice(0, slash);
  const repository = reference.slice(slash + 1, colon);
  return {
    reference,
    endpoint:
      mirror === undefined
        ? `https://${HOSTS[registry] ?? registry}/v2/${repository}`
        : `${mirror.replace(/\/+$/, '')}/v2/${registry}/${repository}`,
    tag: reference.slice(colon + 1),
  };
}

/** containerd keeps the full name of an image; people write the short one. */
export function fullReference(image: string): string {
  const [first = '', ...rest] = image.split('/');
  if (rest.length === 0) return `docker.io/library/${image}`;
  return first.includes('.') || first.includes(':') || first === 'localhost' ? image : `docker.io/${image}`;
}
