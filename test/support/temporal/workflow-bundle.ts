import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { writeWhole } from '../../../src/local/atomic-file.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BUNDLES = join(ROOT, '.leafspan', 'test-workflows');
const KEPT_MS = 86_400_000;

/** Every test file has workers of its own, and webpack takes seconds: the workflows are bundled once for a state of the sources. */
export async function workflowBundle(): Promise<{ codePath: string }> {
  const codePath = join(BUNDLES, `${stateOfSources()}.js`);
  if (!existsSync(codePath)) {
    removeOld();
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(ROOT, 'src/workflows/index.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    await writeWhole(codePath, code);
  }
  return { codePath };
}

/** What can be in a bundle: our own code and the packages. */
function stateOfSources(): string {
  const hash = createHash('sha256');
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  for (const file of ['../package-lock.json', ...sources.sort()])
    hash.update(file).update(readFileSync(join(ROOT, 'src', file)));
  return hash.digest('hex');
}

function removeOld(): void {
  mkdirSync(BUNDLES, { recursive: true });
  for (const name of readdirSync(BUNDLES)) {
    const file = join(BUNDLES, name);
    if (statSync(file).mtimeMs < Date.now() - KEPT_MS) rmSync(file, { force: true });
  }
}
