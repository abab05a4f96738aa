import type { Io } from '../io.js';
import { printed } from './printed.js';
import { cut } from './style.js';

const HIDE_CURSOR = '\u001b[?25l';
export const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_DOWN = '\u001b[J';
const up = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A`);

/** Redraws lines in place at the bottom of a terminal. Everything printed before stays. */
export class Screen {
  #drawn = 0;
  #last = '';

  constructor(private readonly io: Io) {}

  get columns(): number {
    return this.io.stderr.columns ?? 80;
  }

  draw(lines: readonly string[]): void {
    // A frame higher than the terminal could not be taken back.
    const rows = Math.max(3, (this.io.stderr.rows ?? 24) - 1);
    const fitting = lines.length <= rows ? lines : [...lines.slice(0, rows - 1), '  ...'];
    const text = fitting.map((line) => `${cut(printed(line), this.columns)}\n`).join('');
    if (text === this.#last) return;
    this.io.stderr.write(`${HIDE_CURSOR}\r${up(this.#drawn)}${CLEAR_DOWN}${text}`);
    this.#drawn = fitting.length;
    this.#last = text;
  }

  /** Leaves the given lines for good; the next frame comes below them. */
  settle(lines: readonly string[]): void {
    this.io.stderr.write(
      `\r${up(this.#drawn)}${CLEAR_DOWN}${lines.map((line) => `${printed(line)}\n`).join('')}${SHOW_CURSOR}`,
    );
    this.#drawn = 0;
    this.#last = '';
  }
}
