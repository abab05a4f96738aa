import { read } from '../../architecture/documents.js';

const BLOCK = /^```(\w*)\n([^]*?)^```$/gm;
const COMMAND = /^(?:npm|nats|kubectl|ssh|temporal|docker|curl|export) /;

/** What a reader of a document would paste into a shell, a line each, without remarks. */
export const shellLines = (file: string): string[] =>
  [...read(file).matchAll(BLOCK)]
    .flatMap(([, language, block = '']) => (language === '' ? block.split('\n') : []))
    .filter((line) => COMMAND.test(line))
    .map((line) => line.replace(/\s+#.*$/, ''));

export const QUICKSTART = 'docs/quickstart.md';

/** Lines of the README that are not also in the quickstart, and where a test runs them. */
export const README_LINES: Readonly<Record<string, string>> = {
  'npm run start -- provision': 'test/lab/provision.test.ts',
  'npm test': '.ci/run',
};
