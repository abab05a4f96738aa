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

/** Compares values with the YAML documents of test/golden/<name>: their order counts, the order of their keys does not. */
export function expectGoldenYaml(name: string, values: readonly unknown[]): void {
  expectDocuments(name, values, values.map(yamlOf));
}

/** The same for objects of Kubernetes. The data of a Secret stands decoded in the file, so that people can read its diff. */
export function expectGoldenObjects(name: string, objects: readonly ManifestObject[]): void {
  const readable = objects.map(decoded);
  const titled = readable.map((object) => `# ${titleOf(object)}\n${yamlOf(object)}`);
  expectDocuments(name, readable, titled);
}

function expectDocuments(name: string, values: readonly unknown[], texts: readonly string[]): void {
  const documents = parseAllDocuments(golden(name, texts.join('---\n')));
  expect(values).toEqual(documents.map((document) => document.toJS() as unknown));
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

// Scripts and configurations inside stay readable line by line.
const yamlOf = (value: unknown): string =>
  stringify(value, { lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false });

const titleOf = ({ kind = '', metadata: { name, namespace } }: ManifestObject): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}${kind === 'Secret' ? ', its data decoded' : ''}`;

type WithData = ManifestObject & { data?: Record<string, string> };

const decoded = (object: WithData): WithData =>
  object.kind === 'Secret' ? { ...object, data: mapped(object.data ?? {}, atob) } : object;

const mapped = (values: Record<string, string>, change: (value: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
