/** Measures a fleet of modelled hosts: the real workflows, activities and parts over doubles of the ports. */
import { unexpected } from './fleet/measure/expectations.js';
import { runFleet } from './fleet/fleet.js';
import { brokenLimits } from './fleet/measure/limits.js';
import { readOptions, USAGE } from './fleet/options.js';
import { renderFigures } from './fleet/report.js';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

try {
  const figures = await runFleet(readOptions(process.argv.slice(2)), say);
  process.stdout.write(renderFigures(figures));
  const faults = [...unexpected(figures), ...brokenLimits(figures)];
  for (const fault of faults) say(`broken: ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
