import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { writeWhole } from '../local/atomic-file.js';

const WORKFLOWS = import.meta.url.endsWith('.ts') ? '../workflows/index.ts' : '../workflows/index.js';

/** Bundling takes two seconds of the start; the bundle of one build is made once. Answers the file. */
export async function workflowBundle(cacheDir: string, buildId: string): Promise<string> {
  const file = join(cacheDir, 'workflow-bundles', `${buildId}.js`);
  if (buildId !== 'unknown' && existsSync(file)) return file;
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(WORKFLOWS, import.meta.url)),
    logger: new DefaultLogger('WARN'), // the bundler would print webpack's statistics
  });
  await writeWhole(file, code);
  return file;
}
