import { expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { renderPage } from '../../src/report/page.js';
import { pageOf } from '../support/html.js';
import { MADE_AT, reportOf } from '../support/report.js';
import { manyLeaves, twoClusters, twoLeaves } from '../support/topologies.js';

const small = twoClusters({ leaves: twoLeaves() });
const fleet = twoClusters({ leaves: manyLeaves(100) });
const broken = reportOf(small, {
  'host-responds@cluster-c': 'no response from 192.0.2.30:22',
  'leaf-linked@cluster-b': 'the leaf node has no link',
});

test.each([
  ['a healthy system', reportOf(small)],
  ['a broken one', broken],
  ['a fleet', reportOf(fleet)],
  ['one of which nothing could be asked', { ...reportOf(small), checks: [], causes: [], certificates: [] }],
])('the page of %s is valid HTML with every section', (_what, report) => {
  const page = pageOf(renderPage(report));
  expect(page.errors).toEqual([]);
  expect(page.all('a').map(({ attributes }) => attributes['href']?.slice(1))).toEqual(
    page.all('section').flatMap(({ attributes: { id } }) => (id === 'topology' || id === 'causes' ? [] : [id])),
  );
});

test('the page loads nothing, runs nothing, and forbids both', () => {
  const page = pageOf(renderPage(broken));
  const loads = page.elements.flatMap(({ attributes }) => [attributes['src'], attributes['href']]);
  expect(loads.filter((target) => target !== undefined && !target.startsWith('#'))).toEqual([]);
  expect(page.all('script')).toEqual([]);
  expect(page.all('meta').map(({ attributes }) => attributes['content'])).toContain(
    "default-src 'none'; style-src 'unsafe-inline'",
  );
  expect(page.all('style').map(({ text }) => /url\(|@import/.test(text))).toEqual([false]);
});

const HOSTILE = `"><img src=x onerror=alert(1)><script>alert('2')</script></style>&amp;\u202e`;

test('every text from outside is text on the page', () => {
  const text = HOSTILE;
  const cluster = { name: text, role: 'leaf', host: text, address: text } as const;
  const check = { id: 'leaf-linked', category: 'nats-leaf', subject: text, title: text, cluster: text } as const;
  const cause = { subject: text, isWarning: false, explains: 1 };
  const page = pageOf(
    renderPage({
      ...reportOf(small),
      ...{ topology: text, version: text, clusters: [cluster, cluster] },
      checks: [
        { ...check, severity: 'error', docs: text, verdict: { state: 'fail', because: text, saw: text } },
        { ...check, id: text, severity: 'warning', docs: text, verdict: { state: 'pass', note: text } },
      ],
      causes: [{ ...cause, label: text, because: text, saw: text, remedy: text, command: text, docs: text }],
      certificates: [{ name: text, commonName: text, notAfter: MADE_AT, fingerprint: text }],
      run: { id: text, state: 'failed', groups: [{ title: text, bars: [bar(text)] }] },
      versions: [{ component: text, wanted: text, seen: [{ version: text, clusters: [text] }] }],
      firewall: [{ host: text, cluster: text, openings: [{ sources: [text], why: text, crossesNetworks: true }] }],
      unasked: [{ what: text, because: text }],
    }),
  );
  expect(page.errors).toEqual([]);
  expect([...page.all('img'), ...page.all('script')]).toEqual([]);
  const names = page.elements.flatMap(({ attributes }) => Object.keys(attributes));
  expect(names.filter((name) => name.startsWith('on'))).toEqual([]);
  expect(page.text).toContain(`"><img src=x onerror=alert(1)><script>alert('2')</script></style>&amp;\\u202e`);
});

const bar = (title: string) => ({
  title,
  state: 'failed' as const,
  startedAt: MADE_AT,
  endedAt: MADE_AT,
  error: title,
});

test('of a hundred leaves the page stays under 1 MB, and has a tile for each', () => {
  const page = renderPage(reportOf(fleet, { 'host-responds@leaf-7': 'no response' }));
  expect(Buffer.byteLength(page)).toBeLessThan(1_000_000);
  const tiles = pageOf(page).all('li', 'tile');
  expect(tiles).toHaveLength(100);
  expect(tiles[0]?.text).toMatch(/leaf-7\s*link not seen/);
});

test('a state is a shape and a text, not only a colour', () => {
  const page = pageOf(renderPage(broken));
  const marks = page.all('svg').filter(({ attributes }) => attributes['class']?.startsWith('mark ') === true);
  const unsaid = marks.filter(({ attributes }) => !('aria-label' in attributes) && !('aria-hidden' in attributes));
  expect({ marks: marks.length > 50, unsaid }).toEqual({ marks: true, unsaid: [] });
  const drawings = page.all('svg').map(({ attributes }) => attributes['aria-label'] ?? '');
  expect(drawings).toContainEqual(
    expect.stringContaining('cluster-b: 1 check failed, not linked; cluster-c: host does not respond, link not seen'),
  );
});

test('certificates are sorted by the time left, and the time is said', () => {
  const page = pageOf(renderPage(reportOf(small)));
  const left = page.all('div', 'value').flatMap(({ text }) => /(\d+) days/.exec(text)?.[1] ?? []);
  expect(left).toEqual([
    ...['41', '41'],
    ...Array.from({ length: 10 }, () => '364'),
    ...['3649', '3649', '3649', '3649'],
  ]);
});

test('what is missing is said before all else', () => {
  const unasked = [{ what: 'the last run', because: 'no Temporal server runs here' }];
  const { text } = pageOf(renderPage(reportOf(small, {}, { unasked })));
  expect(text.indexOf('no Temporal server runs here')).toBeLessThan(
    text.indexOf('Certificates', text.indexOf('Not in')),
  );
  expect(text).toMatch(/Not in this report\s+the last run: no Temporal server runs here/);
});

test.each([
  [{}, 'All 108 checks pass'],
  [{ 'host-responds@cluster-a': 'no response' }, 'Cause: no response (cluster-a)'],
  [{ 'api-server-ready@cluster-a': 'silent' }, 'Some checks got no response'],
])('with %j the verdict is: %s', (failing, says) => {
  expect(
    pageOf(renderPage(reportOf(small, failing)))
      .all('p', 'verdict')[0]
      ?.text.trim(),
  ).toBe(says);
});
