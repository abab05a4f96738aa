import type { Verdict } from '../../contract/checks.js';

export const pass = (note?: string): Verdict => (note === undefined ? { state: 'pass' } : { state: 'pass', note });

/** @param because a whole sentence, which needs no context in `--json` */
export const fail = (because: string, saw?: string): Verdict =>
  saw === undefined ? { state: 'fail', because } : { state: 'fail', because, saw };
