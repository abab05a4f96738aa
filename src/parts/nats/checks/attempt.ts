import type { Verdict } from '../../../contract/checks.js';
import { codeOf } from '../../../contract/caught.js';
import { fail, pass } from '../../../domain/checks/verdict.js';

/** What came of an attempt to get in. unknown: the other side said nothing, so nothing is proven either way. */
export type Attempt =
  | { outcome: 'accepted'; latencyMs: number }
  | { outcome: 'refused'; saw: string }
  | { outcome: 'unknown'; saw: string };

/** OpenSSL's code of an alert that the other side sent. */
const ALERT = /^ERR_SSL_(?:TLSV\d+_|SSLV3_)?(ALERT_\w+)$/;
/** Codes of the NATS client for responses of the server. */
const TOLD_BY_SERVER = /^(AUTHORIZATION|PERMISSIONS)_VIOLATION$|^AUTHENTICATION_/;

/** Runs an attempt. Only what the other side said is a refusal; any other error is one of ours, or of the route. */
export async function attempted(act: () => Promise<Attempt>): Promise<Attempt> {
  try {
    return await act();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = codeOf(error) ?? '';
    const alert = ALERT.exec(code)?.[1];
    // OpenSSL's own text names its source files.
    if (alert !== undefined) return { outcome: 'refused', saw: `TLS ${alert.toLowerCase().replaceAll('_', ' ')}` };
    const saw = code === '' || code === message ? message : `${code}: ${message}`;
    return { outcome: TOLD_BY_SERVER.test(code) ? 'refused' : 'unknown', saw };
  }
}

export const judgeEntry = (attempt: Attempt): Verdict =>
  attempt.outcome === 'accepted'
    ? pass(`round trip ${attempt.latencyMs.toFixed(1)} ms`)
    : fail(attempt.outcome === 'refused' ? 'the client was refused' : 'the client did not get in', attempt.saw);

export function judgeRefusal(attempt: Attempt): Verdict {
  switch (attempt.outcome) {
    case 'refused':
      return pass(attempt.saw);
    case 'accepted':
      return fail('the broker let it in');
    case 'unknown':
      return fail('the broker did not refuse it, nor let it in', attempt.saw);
  }
}
