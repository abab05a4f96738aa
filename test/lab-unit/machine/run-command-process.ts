// A process for run-command.test.ts to kill. Its command keeps the named file open for as long as it lives.
import { run } from '../../../src/lab/machine/run-command.js';

await run('sh', ['-c', 'exec sleep 600 >"$1"', 'sh', process.argv[2] ?? '']);
