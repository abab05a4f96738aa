import { imageListScript, missingImages } from '../../domain/k3s/images.js';
import type { Site } from '../site.js';

/** A wait looks several times a second; the command takes part of one on a small host. */
const EVERY_MS = 5_000;

interface Seen {
  at: number;
  printed: string;
}

const seen = new WeakMap<Site, Seen>();

/** Whether the node can start the image without a registry. Known to five seconds. */
export async function hasImage(site: Site, image: string): Promise<boolean> {
  const before = seen.get(site);
  const now = site.clock.now();
  if (before !== undefined && now - before.at < EVERY_MS) return missingImages([image], before.printed).length === 0;
  const printed = await site.print(imageListScript, { okCodes: [1] });
  seen.set(site, { at: now, printed });
  return missingImages([image], printed).length === 0;
}
