import type { Context } from '../context.js';
import { confirm, say } from '../io.js';
import { Screen } from '../terminal/screen.js';
import { renderSetupStep, type SetupStep } from '../terminal/setup-step.js';

/** Shows what is prepared before a run: redrawn in place on a terminal, else a line for each thing that is done. */
export class Setup {
  readonly #steps = new Map<string, SetupStep>();
  readonly #screen: Screen;
  #asking = false;

  constructor(private readonly context: Context) {
    this.#screen = new Screen(context.io);
  }

  readonly report = (line: SetupStep): void => {
    if (this.context.io.isTTY) {
      const key = line.state === 'note' ? `${line.step}: ${line.detail ?? ''}` : line.step;
      this.#steps.set(key, line);
      if (!this.#asking) this.#screen.draw(this.#lines());
    } else if (line.state !== 'running') say(this.context.io, renderSetupStep(line, this.context.style));
  };

  readonly note = (detail: string): void => this.report({ step: 'note', state: 'note', detail });

  /** Runs one part and shows how long it took. */
  async part<T>(step: string, work: () => Promise<T>, detailOf: (result: T) => string): Promise<T> {
    const started = Date.now();
    this.report({ step, state: 'running' });
    const result = await work();
    this.report({ step, state: 'done', detail: detailOf(result), elapsedMs: Date.now() - started });
    return result;
  }

  readonly confirm = async (question: string): Promise<boolean> => {
    this.#asking = true;
    this.settle();
    try {
      return await confirm(this.context.io, question);
    } finally {
      this.#asking = false;
    }
  };

  /** Leaves what is shown for good. */
  settle(): void {
    if (!this.context.io.isTTY || this.#steps.size === 0) return;
    this.#screen.settle(this.#lines());
    this.#steps.clear();
  }

  #lines(): string[] {
    return [...this.#steps.values()].map((step) => renderSetupStep(step, this.context.style));
  }
}
