import { openingsOf } from '../../../domain/hosts/firewall/openings.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { printData, printJson } from '../../io.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';
import type { FirewallOptions } from './formats.js';
import { renderCommands, renderOpenings } from './output.js';

/** Asks no host: what a topology needs is in the topology. */
export async function firewall(
  { io, style, ...context }: Context,
  choice: Choice,
  { format, host }: FirewallOptions,
): Promise<number> {
  const { topology } = await chooseTopology({ io, style, ...context }, choice);
  const all = openingsOf(topology);
  const chosen = host === undefined ? all : all.filter((each) => each.host === host);
  if (chosen.length === 0)
    throw usage(
      `topology "${topology.name}" has no host "${host ?? ''}"`,
      `its hosts are: ${all.map((each) => each.host).join(', ')}`,
    );
  if (format === 'json') printJson(io, chosen);
  else if (format === 'table') printData(io, renderOpenings(chosen, style));
  else printData(io, renderCommands(chosen, format, topology.name));
  return 0;
}
