// Turns src into JavaScript for the worker: compile.js <directory>. A process of its own, since a compiler, or tsx, would
// take more than 100 MB of the worker's memory for as long as it runs.
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileSources } from './compile-sources.js';

/** The command line's own. */
const SKIPPED = ['starters', 'lab'];
const KEPT_MS = 7 * 86_400_000;

const [, , target] = process.argv;
const part = `${target}.${process.pid}`;
compileSources(part, SKIPPED);
try {
  renameSync(part, target);
} catch (error) {
  rmSync(part, { recursive: true });
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // else another process was faster
}

// A worker of an earlier build may still load from its directory; after a week there is none.
for (const name of readdirSync(dirname(target))) {
  const other = join(dirname(target), name);
  if (other !== target && statSync(other).mtimeMs < Date.now() - KEPT_MS)
    rmSync(other, { recursive: true, force: true });
}
