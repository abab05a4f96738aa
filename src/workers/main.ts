import { ERROR_CODES, isProvisionError } from '../contract/errors.js';
import { holderOf } from '../local/state/holder.js';
import { readEnvironment } from './environment.js';
import { runWorker } from './run-worker.js';
import { wirePorts } from './wiring.js';

try {
  const environment = readEnvironment(process.env);
  await runWorker(environment, wirePorts({ ...environment, holder: holderOf(environment.stateDir) }));
} catch (error) {
  if (!isProvisionError(error)) throw error;
  process.stderr.write(`${error.message}\nhint: ${error.hint ?? ''}\n`);
  process.exitCode = ERROR_CODES[error.code].exit;
}
