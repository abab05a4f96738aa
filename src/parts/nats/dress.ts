import type { ManifestObject } from '../../domain/kubernetes/objects.js';

/** What a link mode adds to the objects of NATS; the list of parts chooses it. */
export type Dress = (objects: readonly ManifestObject[]) => ManifestObject[];
