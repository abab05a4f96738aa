import { conditionOf, linkOf, type LinkCondition } from '../condition.js';
import { html, type Html } from '../html.js';
import type { Report, ReportedCluster } from '../report.js';
import { card, CARD, spaced } from './card.js';
import { fleetPicture } from './fleet.js';

/** Up to so many leaves each is a card of its own. */
const FEW_LEAVES = 10;

/** The clusters and their links. Two drawings of a small system: one beside the other for a wide page, one below the other for a phone. */
export function picture(report: Report): Html {
  const [hub, ...leaves] = report.clusters;
  if (hub === undefined) return html``;
  if (leaves.length > FEW_LEAVES) return fleetPicture(report, hub, leaves);
  return html`<div class="wide">${wide(report, hub, leaves)}</div>
    <div class="narrow">${narrow(report, hub, leaves)}</div>`;
}

const GAP = 20;
const STEP = CARD + GAP;
/** Units of a drawing are pixels at its full size. */
const WIDE = { width: 960, card: 330 };
const NARROW = { width: 340, card: 300 };
const LABEL_GAP = 40;

function wide(report: Report, hub: ReportedCluster, leaves: readonly ReportedCluster[]): Html {
  const height = Math.max(1, leaves.length) * STEP - GAP + 2;
  const hubBox = { x: 1, y: height / 2 - CARD / 2, width: WIDE.card };
  const leafX = WIDE.width - WIDE.card - 1;
  const [from, to, middle] = [leafX, hubBox.x + WIDE.card, height / 2];
  return html`<svg viewBox="0 0 ${WIDE.width} ${height}" role="img" aria-label="${saidOf(report)}">
    ${leaves.map(({ name }, index) => {
      const y = index * STEP + 1 + CARD / 2;
      const bend = (from - to) / 2;
      const link = linkOf(report, name);
      return html`<path
          d="M${from} ${y}C${from - bend} ${y} ${to + bend} ${middle} ${to + 7} ${middle}"
          class="link ${link.tone}"
        />${pill(link, from - 88, y)}`;
    })}
    <path d="M${to} ${middle}l9-5v10z" class="tip" />
    ${card(report, hub, hubBox)}
    ${leaves.map((leaf, index) => card(report, leaf, { x: leafX, y: index * STEP + 1, width: WIDE.card }))}
  </svg>`;
}

function narrow(report: Report, hub: ReportedCluster, leaves: readonly ReportedCluster[]): Html {
  const step = CARD + LABEL_GAP;
  const height = CARD + leaves.length * step + 2;
  const [trunk, x] = [16, NARROW.width - NARROW.card - 1];
  const lowest = CARD + leaves.length * step - CARD / 2;
  return html`<svg viewBox="0 0 ${NARROW.width} ${height}" role="img" aria-label="${saidOf(report)}">
    <path d="M${trunk} ${lowest - 10}V${CARD + 8}" class="link" />
    <path d="M${trunk} ${CARD + 1}l5 9h-10z" class="tip" />
    ${leaves.map((leaf, index) => {
      const y = CARD + index * step + LABEL_GAP;
      const link = linkOf(report, leaf.name);
      return html`<path d="M${x} ${y + CARD / 2}H${trunk + 10}q-10 0-10-10" class="link ${link.tone}" />
        ${pill(link, x + 70, y - LABEL_GAP / 2)}${card(report, leaf, { x, y, width: NARROW.card })}`;
    })}
    ${card(report, hub, { x: 1, y: 1, width: NARROW.width - 2 })}
  </svg>`;
}

const PILL = { width: 136, height: 24 };

function pill(link: LinkCondition, x: number, y: number): Html {
  const { tone, says, roundTrip } = link;
  return html`<g transform="translate(${x - PILL.width / 2} ${y - PILL.height / 2})">
    <rect width="${PILL.width}" height="${PILL.height}" rx="${PILL.height / 2}" class="pill" />
    <svg x="8" y="6" width="12" height="12" class="${tone}"><use href="#${tone}" /></svg>
    <text x="26" y="16.5" class="label">${roundTrip === undefined ? says : `${says}, ${spaced(roundTrip)}`}</text>
  </g>`;
}

/** The drawing in words. */
const saidOf = (report: Report): string =>
  report.clusters
    .map((cluster) => {
      const own = `${cluster.name}: ${conditionOf(report, cluster).says}`;
      if (cluster.role === 'broker') return own;
      const { says, roundTrip } = linkOf(report, cluster.name);
      return `${own}, ${says}${roundTrip === undefined ? '' : `, round trip ${spaced(roundTrip)}`}`;
    })
    .join('; ');
