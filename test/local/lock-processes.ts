import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Processes that take a lock, and what they have said so far, in order. */
export class LockProcesses {
  readonly said: string[] = [];
  readonly #children: ChildProcess[] = [];

  /** `hidden`: paths that the process cannot see. */
  start(name: string, lock: string, hidden: readonly string[] = []): LockProcess {
    const args = ['--import', 'tsx', '--import', here('hide-paths.ts'), here('lock-process.ts'), lock];
    const env = { PATH: process.env['PATH'], HIDDEN: hidden.join(' ') };
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    this.#children.push(child);
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => this.said.push(`${name} ${line}`));
    const says = async (text: string): Promise<void> => {
      while (!this.said.includes(`${name} ${text}`)) await once(lines, 'line');
    };
    const ended = once(child, 'exit').then(() => undefined);
    return {
      pid: child.pid ?? 0,
      says,
      letGo: () => {
        child.stdin.end();
        return ended;
      },
      kill: () => {
        child.kill('SIGKILL');
        return ended;
      },
    };
  }

  killAll(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

export interface LockProcess {
  pid: number;
  says(text: string): Promise<void>;
  letGo(): Promise<void>;
  kill(): Promise<void>;
}
