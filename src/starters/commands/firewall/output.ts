import { commandsFor, type Firewall } from '../../../domain/hosts/firewall/commands.js';
import { ANYWHERE, type HostOpenings, type Opening } from '../../../domain/hosts/firewall/openings.js';
import type { Style } from '../../terminal/style.js';
import { renderTable } from '../../terminal/table.js';

/** A hub of 1,000 leaves has as many sources; all of them are in the JSON and in the commands. */
const SOURCES_SHOWN = 4;

const HEAD = ['SOURCE', 'PORT', 'PROTOCOL', 'FIREWALL', 'WHY'];

export const renderOpenings = (hosts: readonly HostOpenings[], style: Style): string =>
  hosts
    .map(
      ({ host, cluster, openings }) =>
        `${style.bold(host)} (${cluster})\n${renderTable(HEAD, openings.map(rowOf), style)}`,
    )
    .join('\n\n');

const rowOf = ({ sources, port, why, crossesNetworks }: Opening): string[] => [
  sourcesText(sources),
  port === undefined ? 'all' : String(port),
  port === undefined ? 'all' : 'TCP',
  crossesNetworks ? 'host, cloud' : 'host',
  why,
];

function sourcesText(sources: readonly string[]): string {
  if (sources.includes(ANYWHERE)) return 'anywhere';
  const more = sources.length - SOURCES_SHOWN;
  return [...sources.slice(0, SOURCES_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** For a shell: `... --host vm-a --format ufw | ssh vm-a sh`. */
export const renderCommands = (hosts: readonly HostOpenings[], firewall: Firewall, topology: string): string =>
  hosts
    .map(({ host, cluster, openings }) =>
      [`# ${host} (${cluster})`, ...commandsFor(firewall, openings, `leafspan:${topology}`)].join('\n'),
    )
    .join('\n\n');
