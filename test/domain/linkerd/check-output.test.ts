import { expect, test } from '@jest/globals';
import { parseFindings, parseGateways } from '../../../src/domain/linkerd/check-output.js';

interface Told {
  description: string;
  result: 'success' | 'warning' | 'error';
  hint?: string;
  error?: string;
}

const category = (categoryName: string, ...checks: Told[]): object => ({ categoryName, checks });
const document = (success: boolean, ...categories: object[]): object => ({ success, categories });
/** Linkerd sets its JSON in lines, and puts nothing but a line break between its documents. */
const printed = (...documents: object[]): string =>
  documents.map((each) => `${JSON.stringify(each, undefined, 2)}\n`).join('');

/** In the shape that edge-26.8.3 prints, each category cut down to one check. */
const client: Told = { description: 'can initialize the client', result: 'success' };
const pods: Told = {
  description: 'control plane pods are ready',
  hint: 'https://linkerd.io/2/checks/#l5d-api-control-ready',
  error: 'No running pods for "linkerd-destination"',
  result: 'error',
};
const expiring: Told = {
  description: 'issuer cert is valid for at least 60 days',
  error: 'issuer certificate will expire on 2026-12-24T16:00:00Z',
  result: 'warning',
};
const offline: Told = {
  description: 'multicluster extension proxies are up-to-date',
  hint: 'https://linkerd.io/2/checks/#l5d-multicluster-proxy-cp-version',
  error: 'failed to resolve version check server',
  result: 'warning',
};
const anchors: Told = {
  description: 'clusters share trust anchors\n\t* cluster-a',
  error: 'Problematic clusters:\n    * cluster-a: mismatched trust anchors',
  result: 'error',
};

const healthy = document(true, category('kubernetes-api', client), category('linkerd-existence', client));
const sick = document(false, category('kubernetes-api', client), category('linkerd-existence', pods));
const link = document(true, category('linkerd-multicluster', client, offline));
const brokenLink = document(false, category('linkerd-multicluster', anchors, offline));

const NONE = { errors: [], warnings: [] };
const SICK = { errors: ['control plane pods are ready: No running pods for "linkerd-destination"'], warnings: [] };
const BROKEN = {
  errors: ['clusters share trust anchors: Problematic clusters: * cluster-a: mismatched trust anchors'],
  warnings: [],
};
const NOTHING = { errors: ['linkerd check printed no check'], warnings: [] };

test.each([
  ['a healthy control plane', printed(healthy), NONE],
  ['its document before that of the extension', printed(healthy, link), NONE],
  ['its document alone, whatever the extension’s says', printed(healthy, brokenLink), NONE],
  ['an error of its own', printed(sick, link), SICK],
  ['an error of its own, after the document of the extension', printed(link, sick), SICK],
  ['nothing', '', NOTHING],
  ['no category', printed({ success: true }), NOTHING],
  ['a category without checks', printed(document(true, category('kubernetes-api'))), NOTHING],
  ['the extension’s document alone', printed(link), NOTHING],
  ['an error text', 'Error: unknown flag: --expected-version\n', NOTHING],
])('of the control plane it reads %s', (_output, output, findings) => {
  expect(parseFindings(output, 'control-plane')).toEqual(findings);
});

test.each([
  ['a healthy link, but for the question to the internet', printed(link), NONE],
  ['the extension’s document alone, whatever the control plane’s says', printed(sick, link), NONE],
  ['the first line of a description, and an error on one line', printed(healthy, brokenLink), BROKEN],
  ['nothing', '', NOTHING],
  ['the control plane’s document alone', printed(healthy), NOTHING],
])('of the link it reads %s', (_output, output, findings) => {
  expect(parseFindings(output, 'multicluster')).toEqual(findings);
});

test('a warning is told when it is not about the newest release', () => {
  expect(
    parseFindings(printed(document(true, category('linkerd-identity', expiring, offline))), 'control-plane'),
  ).toEqual({
    errors: [],
    warnings: ['issuer cert is valid for at least 60 days: issuer certificate will expire on 2026-12-24T16:00:00Z'],
  });
});

test('an error is told even when it is about the newest release', () => {
  const wrong = document(false, category('linkerd-version', { ...offline, result: 'error' }));
  expect(parseFindings(printed(wrong), 'control-plane').errors).toEqual([
    'multicluster extension proxies are up-to-date: failed to resolve version check server',
  ]);
});

test('a document that was cut off is no finding', () => {
  expect(() => parseFindings(printed(healthy).slice(0, -10), 'control-plane')).toThrow(SyntaxError);
});

const alive = { clusterName: 'cluster-a', alive: true, numberOfServices: 1, latency: 3 };

test.each([
  ['a gateway that answers', '[{"clusterName":"cluster-a","alive":true,"numberOfServices":1,"latency":3}]\n', [alive]],
  ['no gateway', '[]\n', []],
  ['nothing', '', []],
  ['a null', 'null\n', []],
])('the list of gateways: %s', (_output, output, gateways) => {
  expect(parseGateways(output)).toEqual(gateways);
});
