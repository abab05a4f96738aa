import { fields, readJsonFile } from '../../local/json.js';

/** Of leafspan, as its package says. */
export const version = (): string =>
  readJsonFile(new URL('../../../package.json', import.meta.url), fields({ version: 'string' })).version;
