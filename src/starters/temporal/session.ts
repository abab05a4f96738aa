import { say } from '../io.js';
import type { Context } from '../context.js';
import { connect, locateTemporal, type Temporal } from './connect.js';
import { ensureWorker } from './worker.js';

/** Connects, makes sure that a worker polls, runs the work and closes the connection. */
export async function withTemporal<T>(
  context: Context,
  work: (temporal: Temporal) => Promise<T>,
  { worker = true, note = (text) => say(context.io, text) }: SessionOptions = {},
): Promise<T> {
  const temporal = await openTemporal(context, { worker, note });
  try {
    return await work(temporal);
  } finally {
    await temporal.close();
  }
}

export interface SessionOptions {
  worker?: boolean;
  note?: (text: string) => void;
}

export async function openTemporal(context: Context, options: Required<SessionOptions>): Promise<Temporal> {
  const temporal = await connect(await locateTemporal(context, options.note), context.settings);
  try {
    if (options.worker) await ensureWorker(context.settings, temporal, options.note);
    return temporal;
  } catch (error) {
    await temporal.close();
    throw error;
  }
}
