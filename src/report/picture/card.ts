import { conditionOf } from '../condition.js';
import { html, type Html } from '../html.js';
import type { Report, ReportedCluster } from '../report.js';

interface Box {
  x: number;
  y: number;
  width: number;
}

/** Height of a card. */
export const CARD = 76;

/** Characters of a name and of a line that fit into a card. */
const NAME_CHARS = 26;
const LINE_CHARS = 38;

export function card(report: Report, cluster: ReportedCluster, { x, y, width }: Box): Html {
  const { tone, says } = conditionOf(report, cluster);
  const role = cluster.role === 'broker' ? 'hub' : 'leaf';
  return html`<g transform="translate(${x} ${y})">
    <title>${cluster.name} on ${cluster.host}, ${cluster.address}: ${says}</title>
    <rect width="${width}" height="${CARD}" rx="8" class="card ${tone}" />
    <rect x="0" y="10" width="4" height="${CARD - 20}" rx="2" class="edge ${tone}" />
    <text x="18" y="25" class="name">${short(cluster.name, NAME_CHARS)}</text>
    <text x="${width - 14}" y="25" class="quiet" text-anchor="end">${role}</text>
    <text x="18" y="43" class="quiet">${short(`${cluster.host}  ${cluster.address}`, LINE_CHARS)}</text>
    <svg x="18" y="52" width="14" height="14" class="${tone}"><use href="#${tone}" /></svg>
    <text x="38" y="63" class="state">${says}</text>
  </g>`;
}

/** NATS writes `373µs` and `1.204ms`. */
export const spaced = (time: string): string =>
  time.replace(/^(\d+)(?:\.(\d\d?)\d*)?([µa-z]+)$/, (_all, whole: string, part: string | undefined, unit: string) =>
    part === undefined ? `${whole} ${unit}` : `${whole}.${part} ${unit}`,
  );

const short = (text: string, chars: number): string => (text.length <= chars ? text : `${text.slice(0, chars - 1)}…`);
