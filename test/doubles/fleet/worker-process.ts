import { setMaxListeners } from 'node:events';
import { writeFileSync } from 'node:fs';
import { readEnvironment } from '../../../src/workers/environment.js';
import { runWorker } from '../../../src/workers/run-worker.js';
import { unmodelledRequests } from './unmodelled.js';
import { World, type WorldSettings } from './world.js';
import { wireModel } from './wiring.js';

/** What the worker tells of its world when it ends. */
export interface WorldReport {
  characters: number;
  /** What the doubles were asked and do not know. */
  unmodelled: string[];
}

/** The worker of a benchmark: the product's own, over modelled ports. Its world lasts as long as the process. */
// Everything modelled that an attempt waits for is a listener of its signal.
setMaxListeners(0);
const environment = readEnvironment(process.env);
const [settingsJson = '', reportFile = ''] = process.argv.slice(2);
const world = new World(JSON.parse(settingsJson) as WorldSettings);
try {
  await runWorker(environment, wireModel(world, environment));
} finally {
  const report: WorldReport = { characters: world.characters, unmodelled: [...unmodelledRequests] };
  writeFileSync(reportFile, JSON.stringify(report));
}
