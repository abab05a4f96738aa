import { basename } from 'node:path';

/** npm links an installed package's program as `leafspan`; a clone is started through its npm script. */
const PROGRAM = basename(process.argv[1] ?? '') === 'leafspan' ? 'leafspan' : 'npm run start --';

/** A command to paste, for hints: leafspan as the user has started it, with these words. */
export const commandLine = (words: string): string => `${PROGRAM} ${words}`;
