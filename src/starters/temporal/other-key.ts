import { currentKeyId } from '../../codec/data-converter.js';
import { historyKeysFile } from '../../codec/history-keys.js';
import { ProvisionError } from '../../contract/errors.js';
import { keyIdOf } from '../../local/worker-identity.js';

/** What one of the two encrypts the other could not read: the run would stand still. @throws ProvisionError HISTORY_KEY_MISSING */
export async function refuseOtherKey(worker: string, stateDir: string): Promise<void> {
  const [theirs, ours] = [keyIdOf(worker), await currentKeyId(stateDir)];
  if (theirs === ours) return;
  const file = historyKeysFile(stateDir);
  throw new ProvisionError(
    'HISTORY_KEY_MISSING',
    `the worker "${worker}" encrypts with ${theirs === undefined ? 'no key' : `the key ${theirs}`}, and this state directory with ${ours}`,
    theirs === undefined
      ? 'update that worker, and give both the same history-keys'
      : `copy history-keys of its state directory to ${file}`,
  );
}
