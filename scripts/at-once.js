// Runs scripts of package.json, two at a time, in the order given: at-once.js <script>... The first one has precedence; what
// runs beside it takes the CPU time that it leaves. What one says is printed when it has ended, so that nothing is mixed.
// Exits with 1 when one of them failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getPriority, setPriority } from 'node:os';
import process from 'node:process';

const LANES = 2;
/** As of `nice`: a third of the CPU time that one without it gets. */
const BESIDE = 5;
const LEAST = 19;
const left = process.argv.slice(2);
const [first] = left;

async function run(script) {
  const child = spawn('npm', ['run', '--silent', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  if (script !== first) setPriority(child.pid, Math.min(getPriority() + BESIDE, LEAST));
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  const [code] = await once(child, 'close');
  process.stderr.write(Buffer.concat(said));
  if (code === 0) return;
  process.stderr.write(`npm run ${script}: exit code ${code}\n`);
  process.exitCode = 1;
}

async function lane() {
  for (let script = left.shift(); script !== undefined; script = left.shift()) await run(script);
}

await Promise.all(Array.from({ length: LANES }, lane));
