import { ANYWHERE, type HostOpenings, type Opening } from '../domain/hosts/firewall/openings.js';
import { some } from './checks.js';
import { grouped } from './group.js';
import { html, type Html } from './html.js';
import type { Report, Version } from './report.js';

export function versionsTable({ versions }: Report): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Wanted</th>
          <th scope="col">Seen</th>
        </tr>
      </thead>
      <tbody>
        ${versions.map(
          (version) =>
            html`<tr>
              <th scope="row">${version.component}</th>
              <td><code>${version.wanted}</code></td>
              <td>${seenText(version)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const seenText = ({ seen }: Version): Html | undefined =>
  seen === undefined
    ? undefined
    : html`${seen.map(
        ({ version, clusters }) =>
          html`<div><code>${version}</code> <span class="quiet">${some(clusters)}</span></div>`,
      )}`;

/** What each host must let in. Hosts that need the same are one table. */
export function firewallTables({ firewall }: Report): Html {
  const groups = grouped(firewall, ({ openings }) => JSON.stringify(openings));
  return html`${groups.map(([, hosts]) => hostsTable(hosts))}`;
}

function hostsTable(hosts: readonly HostOpenings[]): Html {
  const openings = hosts[0]?.openings ?? [];
  return html`<h3>${some(hosts.map(({ host, cluster }) => `${host} (${cluster})`))}</h3>
    <div class="scroll">
      <table class="firewall">
        <thead>
          <tr>
            <th scope="col">Port</th>
            <th scope="col">From</th>
            <th scope="col">Why</th>
            <th scope="col">Firewall</th>
          </tr>
        </thead>
        <tbody>
          ${openings.map(openingRow)}
        </tbody>
      </table>
    </div>`;
}

/** A hub has as many sources as there are leaves. */
const FEW_SOURCES = 4;

const openingRow = ({ port, sources, why, crossesNetworks }: Opening): Html =>
  html`<tr>
    <td>${port === undefined ? 'all' : html`<code>${port}</code> TCP`}</td>
    <td>
      ${
        sources.includes(ANYWHERE)
          ? 'anywhere'
          : sources.length <= FEW_SOURCES
            ? html`<code>${sources.join(', ')}</code>`
            : html`<details>
                <summary>${sources.length} addresses</summary>
                <code>${sources.join(', ')}</code>
              </details>`
      }
    </td>
    <td>${why}</td>
    <td>${crossesNetworks ? 'host, cloud' : 'host'}</td>
  </tr>`;
