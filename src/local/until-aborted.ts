import { errorOf } from '../contract/caught.js';

/** For work that others wait for too: it continues, and only this caller stops waiting. @throws the signal's reason */
export function untilAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(errorOf(signal.reason));
    signal.addEventListener('abort', stop, { once: true });
    void shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
