import type { Context } from '../context.js';
import { say } from '../io.js';
import { Screen } from '../render/screen.js';
import { duration } from '../render/time.js';
import { transitions } from '../render/transitions.js';
import { renderTree } from '../render/tree.js';
import { renderWaiting } from '../render/waiting.js';
import { hasEnded, type RunView } from './view.js';

/** Draws a run: a tree that is redrawn on a terminal, a line for each thing that happens elsewhere. */
export class LiveRun {
  view: RunView | undefined;
  readonly #screen: Screen;
  #startedAt = Date.now();
  #frame = 0;
  #settled = false;
  #silence: string | undefined;
  #waitedFor: string | undefined;
  #lastNote: string | undefined;

  constructor(private readonly context: Context) {
    this.#screen = new Screen(context.io);
  }

  show(view: RunView | undefined): void {
    if (view === undefined) return;
    this.#silence = undefined;
    this.#startedAt = view.phases[0]?.startedAt ?? this.#startedAt;
    if (!this.context.io.isTTY) this.#printChanges(view);
    this.view = view;
    this.tick();
  }

  /** Draws the next frame: clocks go on between two looks. */
  tick(): void {
    if (!this.context.io.isTTY || this.view === undefined) return;
    this.#frame += 1;
    this.#screen.draw(this.#lines());
  }

  silence(because: string): void {
    if (this.#silence === undefined && !this.context.io.isTTY) this.#print(`no answer: ${because}`);
    this.#silence = because;
  }

  note(text: string): void {
    if (text === this.#lastNote) return;
    this.#lastNote = text;
    if (!this.context.io.isTTY) this.#print(text);
    else this.#screen.settle([this.context.style.yellow(`  ! ${text}`)]);
  }

  /** Leaves the last frame for good. */
  settle(): void {
    if (this.context.io.isTTY && this.view !== undefined && !this.#settled) this.#screen.settle(this.#lines());
    this.#settled = true;
  }

  #lines(): string[] {
    const { view, context } = this;
    if (view === undefined) return [];
    const tree = renderTree(view, {
      style: context.style,
      columns: this.#screen.columns,
      now: Date.now(),
      frame: this.#frame,
    });
    const waiting = view.waitingFor === undefined ? [] : ['', ...renderWaiting(view, context.style)];
    const silent = this.#silence === undefined ? [] : [context.style.yellow(`  ! no answer: ${this.#silence}`)];
    return [...tree, ...waiting, ...(hasEnded(view.state) ? [] : silent)];
  }

  #printChanges(view: RunView): void {
    for (const { at, text } of transitions(this.view, view)) this.#print(text, at);
    const waits = view.waitingFor?.phase;
    if (waits !== undefined && waits !== this.#waitedFor)
      for (const line of renderWaiting(view, this.context.style)) say(this.context.io, line);
    this.#waitedFor = waits;
    for (const refusal of view.refusals.slice(this.view?.refusals.length ?? 0))
      this.#print(`not taken from ${refusal.by}: ${refusal.because}`);
  }

  #print(text: string, at = Date.now()): void {
    say(this.context.io, `[${duration(at - this.#startedAt).padStart(8)}] ${text}`);
  }
}
