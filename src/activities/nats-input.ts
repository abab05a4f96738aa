import { meshed } from '../domain/linkerd/meshed.js';
import type { Host, Link, NatsSettings } from '../contract/topology.js';
import type { ManifestObject } from '../domain/kubernetes/objects.js';

export interface NatsInput {
  topology: string;
  server: Host;
  nats: NatsSettings;
  mode: Link['mode'];
}

/** The objects as they are, or as they are in a mesh: all that the link mode means for what NATS consists of. */
export const dressed = (mode: Link['mode'], objects: ManifestObject[]): ManifestObject[] =>
  mode === 'mesh' ? objects.map((object) => meshed(object)) : objects;
