import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { parseAllDocuments, stringify } from 'yaml';
import type { ManifestObject } from '../../src/domain/kubernetes/objects.js';

/** Compares text with test/golden/<name>. UPDATE_GOLDEN=1 rewrites the file; CI never does. */
export function expectGolden(name: string, text: string): void {
  expect(`${text}\n`).toBe(golden(name, `${text}\n`));
}

/** Compares objects with the YAML documents of test/golden/<name>: their order counts, the order of their keys does not. */
export function expectGoldenObjects(name: string, objects: readonly ManifestObject[]): void {
  const documents = parseAllDocuments(golden(name, objects.map(documentOf).join('---\n')));
  expect(objects).toEqual(documents.map((document) => document.toJS() as unknown));
}

function golden(name: string, wanted: string): string {
  const file = fileURLToPath(new URL(`../golden/${name}`, import.meta.url));
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, wanted);
  }
  if (!existsSync(file)) throw new Error(`there is no golden file ${name}; write it with UPDATE_GOLDEN=1`);
  return readFileSync(file, 'utf8');
}

const documentOf = (object: ManifestObject): string => {
  const { name, namespace } = object.metadata;
  const place = namespace === undefined ? name : `${namespace}/${name}`;
  // Scripts and configurations inside stay readable line by line.
  const yaml = stringify(object, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false });
  return `# ${object.kind ?? ''} ${place}\n${yaml}`;
};
