/** `lab up` as a process of its own, which a test can kill: a line per report, `<step> <state> <detail>`. */
import { labUp } from '../../../src/lab/lab.js';

const [name = '', stateDir = '', cacheDir = ''] = process.argv.slice(2);

await labUp({
  ...{ name, stateDir, cacheDir, hosts: 2, install: 'no', bundle: 'none' },
  report: ({ step, state, detail }) => process.stdout.write(`${step} ${state} ${detail ?? ''}\n`),
});
