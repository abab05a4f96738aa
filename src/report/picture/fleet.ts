import { counted } from '../../domain/checks/counted.js';
import { conditionOf, linkOf } from '../condition.js';
import { html, type Html } from '../html.js';
import { bareMark, type Tone } from '../marks.js';
import { card, spaced } from './card.js';
import type { Report, ReportedCluster } from '../report.js';

const ORDER: readonly Tone[] = ['bad', 'warn', 'off', 'busy', 'ok'];

/** The hub, and a tile for each leaf, those first that need a look. */
export function fleetPicture(report: Report, hub: ReportedCluster, leaves: readonly ReportedCluster[]): Html {
  const tiles = leaves
    .map((leaf) => ({ leaf, own: conditionOf(report, leaf), link: linkOf(report, leaf.name) }))
    .map((tile) => ({ ...tile, tone: worse(tile.own.tone, tile.link.tone) }))
    .sort((left, right) => ORDER.indexOf(left.tone) - ORDER.indexOf(right.tone));
  return html`<div class="fleet">
    <svg viewBox="0 0 340 112" class="hub" role="img" aria-label="${hub.name}">
      <path d="M170 112V86" class="link" />
      <path d="M170 78l5 9h-10z" class="tip" />
      ${card(report, hub, { x: 1, y: 1, width: 338 })}
    </svg>
    <p class="quiet">${counted(leaves.length, 'leaf node')} dial the hub; the time is the round trip of the link.</p>
    <ul class="tiles">
      ${tiles.map(
        ({ leaf, own, link, tone }) =>
          html`<li class="tile ${tone}" title="${leaf.host}, ${leaf.address}: ${own.says}, ${link.says}">
            ${bareMark(tone)}<b>${leaf.name}</b
            ><span>${link.roundTrip === undefined ? link.says : spaced(link.roundTrip)}</span>
          </li>`,
      )}
    </ul>
  </div>`;
}

const worse = (left: Tone, right: Tone): Tone => (ORDER.indexOf(left) < ORDER.indexOf(right) ? left : right);
