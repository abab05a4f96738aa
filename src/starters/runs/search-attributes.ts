import { setTimeout as sleep } from 'node:timers/promises';
import { ProvisionError } from '../../contract/errors.js';
import { SEARCH_ATTRIBUTES } from '../../contract/names.js';
import { reasonOf } from './errors.js';

/** A server looks for new search attributes once a minute. */
const TRIES = 90;
const EVERY_MS = 1_000;

/** As servers of several versions and stores say it. */
const UNKNOWN_ATTRIBUTE =
  /no mapping defined|search attribute.*(?:not (?:defined|found)|is not a valid)|invalid search attribute/i;

/**
 * Starts something that has search attributes. Right after the worker has registered them the server may not know them yet.
 * @throws ProvisionError TEMPORAL_REFUSED when it never does
 */
export async function onceAttributesAreKnown<T>(
  start: () => Promise<T>,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      if (!UNKNOWN_ATTRIBUTE.test(reasonOf(error))) throw error;
      if (tries === TRIES) throw unknownAttributes(reasonOf(error));
      await pause(EVERY_MS);
    }
  }
}

const unknownAttributes = (reason: string): ProvisionError =>
  new ProvisionError(
    'TEMPORAL_REFUSED',
    `the Temporal server does not know the search attributes of leafspan: ${reason}`,
    `whoever administers it can add them: temporal operator search-attribute create ${Object.values(SEARCH_ATTRIBUTES)
      .map((name) => `--name ${name} --type Keyword`)
      .join(' ')}`,
  );
