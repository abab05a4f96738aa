import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProvisionError } from '../contract/errors.js';

const BUNDLER = fileURLToPath(new URL('./bundle-workflows.js', import.meta.url));

/**
 * Returns the file. Bundling takes two seconds of the start, so the bundle of a build is made once; and 100 MB that a
 * process does not give back, so it is made by a process of its own.
 */
export async function workflowBundle(cacheDir: string, buildId: string): Promise<string> {
  const file = join(cacheDir, 'workflow-bundles', `${buildId}.js`);
  if (buildId !== 'unknown' && existsSync(file)) return file;
  const bundler = spawn(process.execPath, [BUNDLER, file], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code, signal] = (await once(bundler, 'close')) as [number | null, string | null];
  if (code === 0) return file;
  throw new ProvisionError(
    'WORKER_NOT_STARTED',
    `the bundler of the workflows exited with ${signal ?? `exit code ${code ?? 'unknown'}`}`,
    'read the output of the bundler in the log of the worker',
  );
}
