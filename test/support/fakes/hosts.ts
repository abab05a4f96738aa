import type { Host } from '../../../src/contract/topology/topology.js';
import type { HostShell, LocalFile, RemoteFile, RunOptions, RunResult, Tunnel } from '../../../src/parts/ports.js';

type Answer = string | Partial<RunResult> | Error;

interface Scripted {
  matches: string | RegExp;
  answers: Answer[];
}

/** A host in memory. A script that the test did not foresee fails it. */
export class FakeHosts implements HostShell {
  readonly #scripted: Scripted[] = [];
  /** Every script that ran. */
  readonly ran: string[] = [];
  readonly options: RunOptions[] = [];
  readonly uploads: { host: string; file: LocalFile; remote: RemoteFile }[] = [];
  readonly tunnels: string[] = [];
  tunnelsOpen = 0;

  /** The answers to the script in turn; the last one stays. */
  on(matches: string | RegExp, ...answers: Answer[]): this {
    this.#scripted.push({ matches, answers });
    return this;
  }

  /** Answers that come before those that are scripted already. */
  first(matches: string | RegExp, ...answers: Answer[]): this {
    this.#scripted.unshift({ matches, answers });
    return this;
  }

  run(_host: Host, script: string, options: RunOptions): Promise<RunResult> {
    const found = this.#scripted.find(({ matches }) =>
      typeof matches === 'string' ? matches === script : matches.test(script),
    );
    if (found === undefined) return Promise.reject(new Error(`unscripted command: ${script}`));
    if (options.signal.aborted) return Promise.reject(options.signal.reason as Error);
    this.ran.push(script);
    this.options.push(options);
    const answer = (found.answers.length > 1 ? found.answers.shift() : found.answers[0]) ?? '';
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve({
      code: 0,
      stdout: '',
      stderr: '',
      ...(typeof answer === 'string' ? { stdout: answer } : answer),
    });
  }

  upload(host: Host, file: LocalFile, remote: RemoteFile, options: RunOptions): Promise<void> {
    options.heartbeat?.(`sent 100 % of ${remote.path}`);
    this.uploads.push({ host: host.name, file, remote });
    return Promise.resolve();
  }

  /** What sshd says to forwarding; undefined: it does it. */
  forbids: Error | undefined;

  checkForwarding(): Promise<void> {
    return this.forbids === undefined ? Promise.resolve() : Promise.reject(this.forbids);
  }

  tunnel(host: Host, address: string, port: number): Promise<Tunnel> {
    this.tunnels.push(`${host.name} → ${address}:${port}`);
    this.tunnelsOpen += 1;
    const close = (): Promise<void> => {
      this.tunnelsOpen -= 1;
      return Promise.resolve();
    };
    return Promise.resolve({ port: 40_000 + this.tunnels.length, close });
  }
}
