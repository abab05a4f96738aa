import type { Permanence, Verdict } from '../../contract/checks.js';

export const pass = (note?: string): Verdict => (note === undefined ? { state: 'pass' } : { state: 'pass', note });

/** @param because a whole sentence, which needs no context in `--json` */
export const fail = (because: string, saw?: string, permanent?: Permanence): Verdict => ({
  state: 'fail',
  because,
  ...(saw === undefined ? {} : { saw }),
  ...(permanent === undefined ? {} : { permanent }),
});
