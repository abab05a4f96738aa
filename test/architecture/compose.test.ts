import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { read } from './documents.js';

interface Compose {
  services: Record<
    string,
    { image?: string; ports?: string[]; depends_on?: Record<string, unknown>; volumes?: string[] }
  >;
}

const schema = JSON.parse(read('test/fixtures/compose/compose-spec.json')) as object;
// Formats such as `duration` are Compose's own; the schema's patterns say what matters.
const isCompose = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);

test('docker-compose.yml is valid against the Compose schema', () => {
  isCompose(compose);
  expect(isCompose.errors ?? []).toEqual([]);
});

test('the schema refuses an unknown key of a service', () => {
  expect(isCompose({ services: { worker: { image: 'x', prots: ['1:1'] } } })).toBe(false);
});

test.each(services)('what service %s depends on is there', (_name, { depends_on: needs = {} }) => {
  expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(Object.keys(needs)));
});

test.each(services)('service %s publishes ports on loopback alone', (_name, { ports = [] }) => {
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

test.each(services.filter(([, { image }]) => image?.includes('/') ?? false))(
  'the image of %s is pinned',
  (_name, service) => {
    expect(service.image).toMatch(/:(\$\{\w+:-)?\d/);
  },
);

test('the image of the worker is Debian: the native core has no build for musl', () => {
  const bases = [...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(new Set(bases)).toEqual(new Set(['node:22-bookworm-slim']));
});
