import type { Context } from '../context.js';
import { say } from '../io.js';
import { Screen } from '../terminal/screen.js';
import type { Style } from '../terminal/style.js';
import { duration } from '../../contract/duration.js';
import { transitions } from './transitions.js';
import { countLeaves, openLeaves, renderLeaves } from './fleet.js';
import { renderTree } from './tree.js';
import { refusalText, renderWaiting } from './waiting.js';
import { hasEnded, isFleet, type RunView } from './view.js';

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
  #lastCounts: string | undefined;

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

  /** Draws the next frame: clocks move between two looks. */
  tick(): void {
    if (!this.context.io.isTTY || this.view === undefined) return;
    this.#frame += 1;
    this.#screen.draw(this.#lines());
  }

  silence(because: string): void {
    if (this.#silence === undefined && !this.context.io.isTTY) this.#print(`no response: ${because}`);
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
    const { style } = context;
    const now = Date.now();
    const tree = renderTree(view, { style, now, columns: this.#screen.columns, frame: this.#frame });
    const waiting = view.waitingFor === undefined ? [] : ['', ...renderWaiting(view, style)];
    const silent = this.#silence === undefined ? [] : [style.yellow(`  ! no response: ${this.#silence}`)];
    return [...tree, ...fleetLines(view, style, now), ...waiting, ...(hasEnded(view.state) ? [] : silent)];
  }

  #printChanges(view: RunView): void {
    for (const { at, text } of transitions(this.view, view)) this.#print(text, at);
    this.#printLeaves(view);
    const waits = view.waitingFor?.phase;
    if (waits !== undefined && waits !== this.#waitedFor)
      for (const line of renderWaiting(view, this.context.style)) say(this.context.io, line);
    this.#waitedFor = waits;
    for (const refusal of view.refusals.slice(this.view?.refusals.length ?? 0)) this.#print(refusalText(refusal));
  }

  /** Of a fleet: the counts of its leaves, and those that failed. */
  #printLeaves({ leaves, failedLeaves }: RunView): void {
    if (leaves === undefined || !isFleet({ leaves })) return;
    for (const { cluster, error } of failedLeaves.slice(this.view?.failedLeaves.length ?? 0))
      this.#print(`${cluster}  failed: ${error?.message ?? 'a check does not pass'}`);
    const counts = countLeaves(leaves, this.context.style);
    if (counts !== this.#lastCounts) this.#print(counts);
    this.#lastCounts = counts;
  }

  #print(text: string, at = Date.now()): void {
    say(this.context.io, `[${duration(at - this.#startedAt).padStart(8)}] ${text}`);
  }
}

const MAX_LISTED = 8;

/** Below the tree of a fleet: the counts of its leaves, and some of those that failed or run. */
function fleetLines(view: RunView, style: Style, now: number): string[] {
  if (view.leaves === undefined || !isFleet(view)) return [];
  const open = openLeaves(view).slice(0, MAX_LISTED);
  const table = open.length === 0 ? [] : renderLeaves(open, view.clusters, { style, now });
  return ['', `  ${countLeaves(view.leaves, style)}`, ...table.map((line) => `  ${line}`)];
}
