import type { Register } from '../../program/command.js';
import { choiceOf, topologyCommand, type TopologyOptions } from '../../program/options.js';
import type { ReportOptions } from './run.js';

export const addReport: Register = (program, run) => {
  topologyCommand(program, 'report', 'write one page about a system: its clusters, checks, certificates, last run')
    .option('-o, --output <file>', 'HTML file to write; - is stdout (default: <topology>-report.html)')
    .action((name: string | undefined, options: TopologyOptions & ReportOptions) =>
      run(async (context) => (await import('./run.js')).report(context, choiceOf(name, options), options)),
    );
};
