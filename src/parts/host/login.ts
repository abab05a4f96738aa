import { isProvisionError } from '../../contract/errors.js';
import type { RunOptions } from '../ports.js';
import type { Site } from '../site.js';

/** A virtual machine reboots in less. With the last try it is a minute, after which a wrong address is reported. */
const PATIENCE_MS = 45_000;
const EVERY_MS = 2_000;

/** Waits for a host that does not respond, as one that reboots. @throws ProvisionError SSH_*; SSH_UNREACHABLE within a minute */
export async function awaitLogin(site: Site, options: Pick<RunOptions, 'trustOnFirstUse'> = {}): Promise<void> {
  const { clock, work } = site;
  const deadline = clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      await site.run('true', options);
      return;
    } catch (error) {
      if (!isOutage(error) || clock.now() >= deadline) throw error;
      work.heartbeat(error.message);
      await clock.sleep(EVERY_MS, work.signal);
    }
  }
}

const isOutage = (error: unknown): error is Error =>
  isProvisionError(error) && (error.code === 'SSH_UNREACHABLE' || error.code === 'SSH_CONNECTION_LOST');
