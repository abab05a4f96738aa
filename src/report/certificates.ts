import { RENEW_BEFORE_DAYS } from '../domain/pki/profiles.js';
import { daysUntil } from '../domain/pki/reuse.js';
import { grouped } from './group.js';
import { html, type Html } from './html.js';
import { bareMark, type Tone } from './marks.js';
import type { Report, ReportedCertificate } from './report.js';

/** Certificates that one program made together: K3s has a dozen of one age in each cluster. */
interface Row {
  title: string;
  detail: string;
  first: ReportedCertificate;
  all: readonly ReportedCertificate[];
}

const DAY_MS = 86_400_000;
/** A week is to be seen beside ten years, so the axis is logarithmic. */
const SCALE_DAYS = 7;
const TICKS: readonly (readonly [days: number, text: string])[] = [
  [7, '1 week'],
  [30, '30 days'],
  [90, '90 days'],
  [365, '1 year'],
  [1_095, '3 years'],
  [3_650, '10 years'],
];

/** The time that each has left, the shortest first. */
export function certificatesSection({ certificates, clusters, madeAt }: Report): Html {
  if (certificates.length === 0) return html`<p class="lead">No certificate was seen.</p>`;
  const rows = rowsOf(
    certificates,
    clusters.map(({ name }) => name),
  );
  const longest = Math.max(...certificates.map(({ notAfter }) => (notAfter - madeAt) / DAY_MS), RENEW_BEFORE_DAYS * 2);
  const at = (days: number): string => share(Math.log1p(Math.max(0, days) / SCALE_DAYS), longest);
  return html`<p class="lead">
      ${certificates.length} certificates. <b>certs renew</b> and <b>provision</b> renew those of leafspan before less
      than ${RENEW_BEFORE_DAYS} days are left.
    </p>
    <div class="chart certificates">
      <div class="axis" aria-hidden="true">
        <div class="scale">
          <i class="zone" style="width:${at(RENEW_BEFORE_DAYS)}%"></i>
          ${TICKS.filter(([days]) => days <= longest * 1.02).map(
            ([days, text]) =>
              html`<span class="${Number(at(days)) > 94 ? 'last' : ''}" style="left:${at(days)}%">${text}</span>`,
          )}
        </div>
      </div>
      ${rows.map((row) => certificateRow(row, madeAt, at))}
    </div>`;
}

const share = (length: number, longestDays: number): string =>
  ((100 * length) / Math.log1p(longestDays / SCALE_DAYS)).toFixed(2);

function certificateRow({ title, detail, first, all }: Row, madeAt: number, at: (days: number) => string): Html {
  const days = daysUntil(first.notAfter, madeAt);
  const tone: Tone = days < 0 ? 'bad' : days < RENEW_BEFORE_DAYS ? 'warn' : 'ok';
  const left = days < 0 ? `expired ${-days} days ago` : days === 1 ? '1 day' : `${days} days`;
  return html`<div class="row">
    <div class="what">${title} <span class="quiet">${detail}</span></div>
    <div class="line"><i class="bar ${tone}" style="width:${at(days)}%"></i></div>
    <div class="value">${tone === 'ok' ? undefined : bareMark(tone)} ${left}</div>
    <div class="quiet until">${new Date(first.notAfter).toISOString().slice(0, 10)}</div>
    ${
      all.length === 1
        ? html`<div class="quiet print">${printOf(first)}</div>`
        : html`<details class="print">
            <summary class="quiet">names and fingerprints</summary>
            <ul>
              ${all
                .slice(0, MAX_PRINTS)
                .map((each) => html`<li>${each.name}, ${each.commonName}: <code>${printOf(each)}</code></li>`)}
            </ul>
          </details>`
    }
  </div>`;
}

/** The rest is in `certs list`. */
const MAX_PRINTS = 40;

/** Enough to tell two apart. */
const printOf = ({ fingerprint }: ReportedCertificate): string =>
  (fingerprint.slice(0, 16).match(/../g) ?? []).join(':');

/** Rows of one cluster up to here; in a larger system one row for the same certificate of all clusters. */
const FEW_CLUSTERS = 6;

function rowsOf(certificates: readonly ReportedCertificate[], clusters: readonly string[]): Row[] {
  const isFleet = clusters.length > FEW_CLUSTERS;
  const groups = grouped(certificates, (each) => groupOf(each, clusters, isFleet));
  return groups
    .map(([key, all]) => {
      const sorted = all.toSorted((left, right) => left.notAfter - right.notAfter);
      const [first] = sorted;
      return first === undefined ? [] : [{ ...titleOf(key, sorted, clusters), first, all: sorted }];
    })
    .flat()
    .sort((left, right) => dayOf(left.first) - dayOf(right.first) || left.title.localeCompare(right.title));
}

const dayOf = ({ notAfter }: Pick<ReportedCertificate, 'notAfter'>): number => Math.floor(notAfter / DAY_MS);

/** K3s's own and the mesh's by cluster and day; of a fleet by what they are called in every cluster. */
function groupOf({ name, notAfter }: ReportedCertificate, clusters: readonly string[], isFleet: boolean): string {
  const day = dayOf({ notAfter });
  const owner = clusters.find((cluster) => name.startsWith(`${cluster}/`));
  if (isFleet) return owner === undefined ? withoutCluster(name, clusters) : `K3s ${Math.floor(day / 365)}`;
  return owner === undefined ? name : `${owner} ${day}`;
}

function withoutCluster(name: string, clusters: readonly string[]): string {
  const cluster = clusters.findLast((each) => name.includes(`-${each}.`));
  return cluster === undefined ? name : name.replace(`-${cluster}.`, '-*.');
}

function titleOf(
  key: string,
  all: readonly ReportedCertificate[],
  clusters: readonly string[],
): Pick<Row, 'title' | 'detail'> {
  const [first] = all;
  if (first === undefined || (all.length === 1 && key === first.name))
    return { title: first?.name ?? key, detail: first?.commonName ?? '' };
  const owners = clusters.filter((cluster) => all.some(({ name }) => name.startsWith(`${cluster}/`)));
  if (owners.length === 0) return { title: key, detail: `${all.length} certificates` };
  return {
    title: owners.length === 1 ? (owners[0] ?? '') : `${owners.length} clusters`,
    detail: `${all.length} of ${owners.length === 1 ? 'its' : 'their'} own`,
  };
}
