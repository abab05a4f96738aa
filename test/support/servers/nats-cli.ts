import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildNats } from '../../../src/lab/bundle/build-parts.js';
import { findGo } from '../../../src/lab/bundle/go-toolchain.js';
import { PartStore } from '../../../src/lab/bundle/part-store.js';
import { planBundle } from '../../../src/lab/bundle/parts.js';
import { withLock } from '../../../src/local/lock.js';

const CACHE = join(homedir(), '.cache', 'leafspan', 'lab');

/** Directory with the nats command that the lab's hosts get: the lab's own, built once. */
export function natsCliDirectory(): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  return withLock(join(CACHE, 'bundle.lock'), { signal: undefined, onWait: () => undefined }, async () => {
    const store = new PartStore(join(CACHE, 'bundle-parts'), () => undefined);
    return store.ensure(planBundle().parts.nats, async (directory) => buildNats(directory, await findGo(undefined)));
  });
}
