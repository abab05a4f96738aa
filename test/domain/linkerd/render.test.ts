import { expect, test } from '@jest/globals';
import { releaseScript } from '../../../src/domain/hosts/claim.js';
import {
  parseJsonStream,
  parseRender,
  renderControlPlaneScript,
  renderMulticlusterScript,
} from '../../../src/domain/linkerd/render.js';

test.each<[behaviour: string, text: string, documents: unknown[]]>([
  ['reads one document a line', '{"a":1}\n{"b":2}\n', [{ a: 1 }, { b: 2 }]],
  ['reads documents without anything between them', '{"a":1}{"b":2}', [{ a: 1 }, { b: 2 }]],
  ['reads documents of several lines', '{\n  "a": {\n    "b": [1, {}]\n  }\n}\n{\n}\n', [{ a: { b: [1, {}] } }, {}]],
  ['reads a list as a document', '[{"alive":true}]\n', [[{ alive: true }]]],
  ['takes braces in a text for text', '{"a":"} ] { ["}{"b":1}', [{ a: '} ] { [' }, { b: 1 }]],
  ['takes an escaped quote for text', String.raw`{"a":"\"}"}{"b":1}`, [{ a: '"}' }, { b: 1 }]],
  ['ends a text after an escaped backslash', String.raw`{"a":"\\"}{"b":"}"}`, [{ a: '\\' }, { b: '}' }]],
  ['finds nothing in nothing', '', []],
])('%s', (_behaviour, text, documents) => {
  expect(parseJsonStream(text)).toEqual(documents);
});

test('marks every rendered object as ours and keeps its own labels', () => {
  const rendered = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'linkerd', labels: { own: 'yes' } } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'linkerd' }, data: { a: 'e30=' } },
  ];
  expect(parseRender(rendered.map((object) => JSON.stringify(object)).join('\n'))).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'linkerd', labels: { own: 'yes', 'app.kubernetes.io/managed-by': 'leafspan' } },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'linkerd', labels: { 'app.kubernetes.io/managed-by': 'leafspan' } },
      data: { a: 'e30=' },
    },
  ]);
});

test.each(['', '\n', 'Error: unknown flag: --ignore-cluster'])('does not take %j for a render', (output) => {
  expect(() => parseRender(output)).toThrow('linkerd rendered no object');
});

test('puts keys into files that root alone reads, names no key in an argument, and leaves no file behind', () => {
  const script = renderControlPlaneScript({ anchors: 'ANCHORS\n', certificate: 'CERTIFICATE\n', privateKey: 'KEY\n' });
  const [first = '', ...rest] = script.trim().split('\n');
  expect(first).toBe(
    `umask 077; work=/run/leafspan-render; rm -rf "$work"; mkdir "$work" || exit 1; trap 'rm -rf "$work"' EXIT`,
  );
  // A trap does not run when the render is killed.
  expect(releaseScript).toContain('rm -rf /run/leafspan-render\n');
  expect(rest.filter((line) => /ANCHORS|CERTIFICATE|KEY/.test(line))).toEqual(['ANCHORS', 'CERTIFICATE', 'KEY']);
  expect(script).toContain(
    "--set 'disableHeartBeat=true,webhookFailurePolicy=Fail,proxy.readinessProbe.initialDelaySeconds=0,proxy.additionalEnv[0]",
  );
});

test('hands values over as they are, whatever is in them', () => {
  const values = { gateway: { port: 4143 }, remoteMirrorServiceAccountName: "a'b $(c)" };
  const lines = renderMulticlusterScript(values).split('\n');
  const at = lines.findIndex((line) => line.endsWith("<<'LEAFSPAN_VALUES'"));
  expect(JSON.parse(lines[at + 1] ?? '')).toEqual(values);
  expect(lines[at + 2]).toBe('LEAFSPAN_VALUES');
});
