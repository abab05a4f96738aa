import { randomBytes } from 'node:crypto';
import { setImmediate as soon } from 'node:timers/promises';
import { isProvisionError } from '../../../contract/errors.js';
import type { Host } from '../../../contract/topology/topology.js';
import type { RunOptions, RunResult } from '../../../parts/ports.js';

type Run = (host: Host, script: string, options: RunOptions) => Promise<RunResult>;

interface Batch {
  host: Host;
  signal: AbortSignal;
  scripts: string[];
  /** In the order of the scripts; none: each is to run by itself. */
  results: Promise<RunResult[]>;
}

/**
 * Looks that an attempt asks for at the same moment, as one command: a command costs the host far more than a look does.
 * One that fails runs by itself, and reports what it would have reported.
 */
export class JoinedLooks {
  readonly #run: Run;
  readonly #gathering: Batch[] = [];

  constructor(run: Run) {
    this.#run = run;
  }

  async run(host: Host, script: string, options: RunOptions): Promise<RunResult> {
    const { signal, okCodes = [] } = options;
    const batch = this.#gathering.find((each) => each.host === host && each.signal === signal);
    const { scripts, results } = batch ?? this.#gather(host, options);
    const place = scripts.push(script) - 1;
    const result = (await results)[place];
    return result !== undefined && [0, ...okCodes].includes(result.code) ? result : this.#run(host, script, options);
  }

  #gather(host: Host, options: RunOptions): Batch {
    const scripts: string[] = [];
    const results = soon().then(() => {
      this.#gathering.splice(this.#gathering.indexOf(batch), 1);
      return scripts.length === 1 ? [] : this.#together(host, scripts, options);
    });
    const batch = { host, signal: options.signal, scripts, results };
    this.#gathering.push(batch);
    return batch;
  }

  async #together(host: Host, scripts: readonly string[], options: RunOptions): Promise<RunResult[]> {
    const marker = `leafspan-${randomBytes(8).toString('hex')}`;
    try {
      return split((await this.#run(host, join(scripts, marker), options)).stdout, marker);
    } catch (error) {
      if (isProvisionError(error) && error.code === 'COMMAND_FAILED') return [];
      throw error;
    }
  }
}

/** Each in a shell of its own, and after it a line with its exit code. */
const join = (scripts: readonly string[], marker: string): string =>
  scripts.map((script) => `( ${script.trimStart()}\n)\nprintf '\\n%s %s\\n' ${marker} $?`).join('\n');

function split(output: string, marker: string): RunResult[] {
  const printed = output.split(new RegExp(`\n${marker} (\\d+)\n`));
  return printed.flatMap((stdout, index) => {
    const code = printed[index + 1];
    return index % 2 === 1 || code === undefined ? [] : [{ code: Number(code), stdout, stderr: '' }];
  });
}
