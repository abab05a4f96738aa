import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FAILURE_CONVERTER } from '../codec/data-converter.js';
import { writeWhole } from '../local/atomic-file.js';

/** A program: bundle-workflows <file>. The worker starts it, see workflow-bundle.ts. */
const [, , file = 'workflows.js'] = process.argv;
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)),
  failureConverterPath: FAILURE_CONVERTER,
  logger: new DefaultLogger('WARN'), // the bundler would print webpack's statistics
});
await writeWhole(file, code);
