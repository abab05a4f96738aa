import { certificatesSection } from './certificates.js';
import { causesSection, checksSection } from './checks.js';
import { counted } from '../domain/checks/counted.js';
import { html, Html } from './html.js';
import { bareMark, symbols, type Tone } from './marks.js';
import { picture } from './picture/picture.js';
import type { Report } from './report.js';
import { runSection, timeOf } from './run.js';
import { STYLE } from './style.js';
import { firewallTables, versionsTable } from './tables.js';

/** Nothing is fetched and nothing runs, whatever gets into the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The whole page, in one file. */
export function renderPage(report: Report): string {
  const { topology, madeAt, version } = report;
  return `<!doctype html>\n${
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${topology}: leafspan report</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        ${symbols}
        <main>
          ${header(report)} ${missing(report)}
          <section id="topology" aria-label="Clusters and links">${picture(report)}</section>
          ${causesSection(report)} ${section('checks', 'Checks', checksSection(report))}
          ${section('certificates', 'Certificates', certificatesSection(report))}
          ${section('run', 'Last run', runSection(report))} ${section('versions', 'Versions', versionsTable(report))}
          ${section('firewall', 'Firewall', html`${FIREWALL}${firewallTables(report)}`)}
        </main>
        <footer>Made by leafspan ${version} on ${timeOf(madeAt)}. It is a picture of that moment.</footer>
      </body>
    </html>`.markup
  }`;
}

const FIREWALL = html`<p class="lead">What each host must let in, and nothing else.</p>`;

const section = (id: string, title: string, content: Html): Html =>
  html`<section id="${id}">
    <h2>${title}</h2>
    ${content}
  </section>`;

const SECTIONS: readonly (readonly [id: string, title: string])[] = [
  ['checks', 'Checks'],
  ['certificates', 'Certificates'],
  ['run', 'Last run'],
  ['versions', 'Versions'],
  ['firewall', 'Firewall'],
];

function header(report: Report): Html {
  const { tone, says } = verdictOf(report);
  const { topology, link, clusters, madeAt } = report;
  const leaves = counted(clusters.length - 1, 'leaf cluster');
  const way = link === 'mesh' ? "through Linkerd's gateway" : 'direct, with mutual TLS of NATS';
  return html`<header>
    <p class="quiet">leafspan report, ${timeOf(madeAt)}</p>
    <h1>${topology}</h1>
    <p class="verdict ${tone}">${bareMark(tone)}<span>${says}</span></p>
    <p class="quiet">One hub and ${leaves}, linked ${way}.</p>
    <nav aria-label="Sections">${SECTIONS.map(([id, title]) => html`<a href="#${id}">${title}</a>`)}</nav>
  </header>`;
}

function verdictOf({ checks, causes, clusters, unasked }: Report): { tone: Tone; says: string } {
  const [first] = causes;
  if (first !== undefined && !first.isWarning)
    return { tone: 'bad', says: `${first.label}: ${first.because} (${first.subject})` };
  if (checks.length === 0) return { tone: 'off', says: 'Nothing was looked at' };
  if (checks.some(({ silent }) => silent === true)) return { tone: 'off', says: 'Some checks got no response' };
  if (first !== undefined) return { tone: 'warn', says: `Nothing fails yet: ${first.because} (${first.subject})` };
  if (unasked.some(({ what }) => clusters.some(({ host }) => what.includes(host))))
    return { tone: 'off', says: 'No check fails, and not everything could be asked' };
  const skipped = checks.filter(({ verdict }) => verdict.state === 'skip').length;
  const passed = counted(checks.length - skipped, 'check');
  return { tone: 'ok', says: skipped === 0 ? `All ${passed} pass` : `${passed} pass, ${skipped} were not looked at` };
}

/** A page that leaves something out says so before it says anything else. */
function missing({ unasked }: Report): Html | undefined {
  if (unasked.length === 0) return undefined;
  return html`<aside>
    <h2>${bareMark('off')} Not in this report</h2>
    <ul>
      ${unasked.map(({ what, because }) => html`<li>${what}: ${because}</li>`)}
    </ul>
  </aside>`;
}
