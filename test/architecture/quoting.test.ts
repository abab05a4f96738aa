import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const SRC = resolve(import.meta.dirname, '../../src');
/** A value between quotes of a script: one of the value's own would end them. */
const OWN_QUOTES = /(?<![\w"])'\$\{/;

test.each(['domain', 'parts', 'adapters'])(
  'in scripts of %s only the function quote puts quotes around a value',
  (name) => {
    const files = readdirSync(join(SRC, name), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const offenders = files.filter(
      (file) => file !== 'hosts/quote.ts' && OWN_QUOTES.test(readFileSync(join(SRC, name, file), 'utf8')),
    );
    expect(offenders).toEqual([]);
  },
);
