import { CATEGORY_TITLES, CHECK_CATEGORIES } from '../contract/checks.js';
import { counted } from '../domain/checks/counted.js';
import { grouped } from './group.js';
import { html, type Html } from './html.js';
import { bareMark, mark, type Tone } from './marks.js';
import type { Report, ReportedCause, ReportedCheck, ReportedCluster } from './report.js';

/** Up to so many clusters each is a column. */
const FEW_CLUSTERS = 6;
/** Of one cause a fleet may have thousands. */
const MAX_LISTED = 60;

export function causesSection({ causes }: Report): Html {
  if (causes.length === 0) return html``;
  return html`<section id="causes">
    <h2>What is wrong</h2>
    <p class="lead">The first one is the one to work on. The others may be gone with it.</p>
    ${causes.slice(0, MAX_LISTED).map(causeCard)}
  </section>`;
}

const causeCard = ({ subject, label, isWarning, because, saw, explains, remedy, command, docs }: ReportedCause): Html =>
  html`<article class="cause ${isWarning ? 'warn' : 'bad'}">
    <h3>${bareMark(isWarning ? 'warn' : 'bad')} ${label}: ${because}</h3>
    <p class="quiet">
      ${subject}${explains === 0 ? '' : `, explains ${counted(explains, 'other check')}`},
      docs/troubleshooting.md#${docs}
    </p>
    ${saw === undefined ? undefined : html`<pre>${saw}</pre>`}
    <p>${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}</p>
    ${command === undefined ? undefined : html`<pre class="command">${command}</pre>`}
  </article>`;

const toneOf = ({ verdict, severity }: ReportedCheck): Tone => {
  if (verdict.state === 'pass') return 'ok';
  if (verdict.state === 'skip') return 'off';
  return severity === 'error' ? 'bad' : 'warn';
};

const SAYS: Readonly<Record<Tone, string>> = {
  ok: 'passes',
  bad: 'fails',
  warn: 'warns',
  off: 'not looked at',
  busy: 'in progress',
};

/** Every check, from hosts to messages: a row for each statement, a column for each cluster, of a fleet a count. */
export function checksSection(report: Report): Html {
  const { checks } = report;
  if (checks.length === 0) return html`<p class="lead">No check was run.</p>`;
  return html`${legend(checks)}
  ${CHECK_CATEGORIES.map((category) => {
    const own = checks.filter((check) => check.category === category);
    return own.length === 0 ? undefined : categoryTable(CATEGORY_TITLES[category], own, report);
  })}`;
}

function legend(checks: readonly ReportedCheck[]): Html {
  const tones: readonly Tone[] = ['ok', 'bad', 'warn', 'off'];
  const counts = tones.map((tone) => ({ tone, count: checks.filter((check) => toneOf(check) === tone).length }));
  return html`<ul class="legend">
    ${counts
      .filter(({ count }) => count > 0)
      .map(({ tone, count }) => html`<li>${bareMark(tone)} ${count} ${LEGEND[tone]}</li>`)}
  </ul>`;
}

const LEGEND: Readonly<Record<Tone, string>> = {
  ok: 'passed',
  bad: 'failed',
  warn: 'warned',
  off: 'not looked at',
  busy: 'in progress',
};

function categoryTable(title: string, checks: readonly ReportedCheck[], { clusters }: Report): Html {
  const columns = clusters.length > FEW_CLUSTERS ? [] : clusters.map(({ name }) => name);
  const rows = grouped(checks, (check) => statementOf(check, clusters));
  const isWrong = checks.some(({ verdict }) => verdict.state === 'fail');
  return html`<details ${isWrong ? html`open` : ''}>
    <summary>
      ${bareMark(worstOf(checks))}<span class="what">${title}</span><span class="count">${passedOf(checks)}</span>
    </summary>
    <div class="scroll">
      <table class="checks">
        ${
          columns.length === 0
            ? undefined
            : html`<thead>
                <tr>
                  <th></th>
                  ${columns.map((name) => html`<th scope="col">${name}</th>`)}
                </tr>
              </thead>`
        }
        <tbody>
          ${rows.map(([statement, own]) => checkRow(statement, own, columns))}
        </tbody>
      </table>
    </div>
  </details>`;
}

function checkRow(statement: string, checks: readonly ReportedCheck[], columns: readonly string[]): Html {
  const cells =
    columns.length === 0
      ? html`<td class="count">${passedOf(checks)} ${bareMark(worstOf(checks))}</td>`
      : columns.map(
          (name) =>
            html`<td>
              ${checks.filter(({ cluster }) => cluster === name).map((check) => mark(toneOf(check), SAYS[toneOf(check)]))}
            </td>`,
        );
  return html`<tr>
    <th scope="row">${statement}${remarks(checks)}</th>
    ${cells}
  </tr>`;
}

/** The same in every cluster, whatever its host is called. */
function statementOf({ title, cluster }: ReportedCheck, clusters: readonly ReportedCluster[]): string {
  const own = clusters.find(({ name }) => name === cluster);
  return own === undefined ? title : title.replace(`${own.host} `, 'the host ').replace(`${own.name} `, 'the cluster ');
}

function passedOf(checks: readonly ReportedCheck[]): string {
  const passed = checks.filter((check) => toneOf(check) === 'ok').length;
  return passed === checks.length ? String(passed) : `${passed} of ${checks.length}`;
}

/** What does not hold, with why; of a small system also what was seen of the rest. */
function remarks(checks: readonly ReportedCheck[]): Html | undefined {
  const wrong = checks.filter((check) => toneOf(check) !== 'ok');
  const shown = wrong.length > 0 ? wrong : checks.length > FEW_CLUSTERS ? [] : checks;
  const lines = shown.flatMap(({ subject, verdict }) => {
    const text = verdict.state === 'pass' ? verdict.note : verdict.because;
    // What another check explains is said there.
    return text === undefined || (verdict.state === 'skip' && text.endsWith('does not hold'))
      ? []
      : [{ subject, text }];
  });
  const texts = grouped(lines, ({ text }) => text).slice(0, MAX_LISTED);
  if (texts.length === 0) return undefined;
  return html`<ul class="remarks">
    ${texts.map(([text, own]) => html`<li>${some(own.map(({ subject }) => subject))}: ${text}</li>`)}
  </ul>`;
}

const MAX_NAMES = 4;

export function some(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return names.slice(0, MAX_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

const WORST: readonly Tone[] = ['bad', 'warn', 'off', 'ok'];

const worstOf = (checks: readonly ReportedCheck[]): Tone =>
  WORST.find((tone) => checks.some((check) => toneOf(check) === tone)) ?? 'off';
