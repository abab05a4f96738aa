/** What the command line exits with. An error's own code decides between failed and usage: see contract/errors.ts. */
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
/** A plan that has something to do. */
export const EXIT_CHANGES = 3;
export const EXIT_UNEXPECTED = 70;
export const EXIT_INTERRUPTED = 130;

const MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done; from plan: nothing to do'],
  [EXIT_FAILED, 'failed, degraded or a check fails; from plan: a cluster does not respond'],
  [EXIT_USAGE, 'bad input: command line, topology, key file, bundle; nothing was touched'],
  [EXIT_CHANGES, 'from plan, certs renew --plan: there is something to do'],
  [EXIT_UNEXPECTED, 'a bug in leafspan'],
  [EXIT_INTERRUPTED, 'Ctrl-C; the run continues'],
];

/** For --help. */
export const exitCodes = (): string =>
  ['Exit codes:', ...MEANINGS.map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}`)].join('\n');
