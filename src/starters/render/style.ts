import pc from 'picocolors';
import type { Io } from '../io.js';

type Paint = (text: string) => string;

export interface Style {
  bold: Paint;
  dim: Paint;
  red: Paint;
  green: Paint;
  yellow: Paint;
  blue: Paint;
  cyan: Paint;
  magenta: Paint;
}

/** Colours on a terminal unless NO_COLOR is set; FORCE_COLOR turns them on elsewhere. */
export const createStyle = ({ env, isTTY }: Pick<Io, 'env' | 'isTTY'>): Style => {
  const off = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return pc.createColors(!off && (isTTY || (env['FORCE_COLOR'] ?? '') !== ''));
};

export const PLAIN: Style = pc.createColors(false);

const ESCAPES = /\u001b\[[0-9;]*m/g;

export const widthOf = (text: string): number => Array.from(text.replace(ESCAPES, '')).length;

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** Cuts a styled line to the given width, so that a redrawn line never wraps. */
export function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  let room = width - 1;
  let out = '';
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b')) out += part;
    else {
      const kept = Array.from(part).slice(0, room);
      room -= kept.length;
      out += kept.join('');
    }
  }
  return `${out}…`;
}
