import { resolve } from 'node:path';
import { writeWhole } from '../../../local/atomic-file.js';
import { renderPage } from '../../../report/page.js';
import type { Context } from '../../context.js';
import { printData, say } from '../../io.js';
import { chooseTopology, type Choice } from '../../topologies/choose.js';
import { expandHome } from '../../topologies/load.js';
import { collect } from './collect.js';

export interface ReportOptions {
  output?: string;
}

/** Looks as the doctor does, and draws what was seen; what cannot be asked is named on the page. */
export async function report(context: Context, choice: Choice, { output }: ReportOptions): Promise<number> {
  const { io, style } = context;
  const { topology } = await chooseTopology(context, choice);
  say(io, style.dim(`looking at ${topology.name}; nothing is changed`));
  const seen = await collect(context, choice, topology);
  const page = renderPage(seen);
  for (const { what, because } of seen.unasked) say(io, `${style.yellow('!')} not in the report: ${what}: ${because}`);
  if (output === '-') {
    printData(io, page);
    return 0;
  }
  const file = resolve(io.cwd, expandHome(output ?? `${topology.name}-report.html`, io.home));
  await writeWhole(file, page);
  say(io, `written: ${file}, without keys; it names hosts and addresses`);
  return 0;
}
