import { styleText } from 'node:util';
import stringWidth from 'string-width';

type Paint = (text: string) => string;

export interface Style {
  bold: Paint;
  dim: Paint;
  red: Paint;
  green: Paint;
  yellow: Paint;
  blue: Paint;
  cyan: Paint;
}

/** Colours on a terminal unless NO_COLOR is set; FORCE_COLOR turns them on elsewhere. */
export const createStyle = ({ env, isTTY }: { env: NodeJS.ProcessEnv; isTTY: boolean }): Style => {
  const off = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return !off && (isTTY || (env['FORCE_COLOR'] ?? '') !== '') ? COLOURED : PLAIN;
};

const painting = (paint: (format: keyof Style) => Paint): Style => ({
  bold: paint('bold'),
  dim: paint('dim'),
  red: paint('red'),
  green: paint('green'),
  yellow: paint('yellow'),
  blue: paint('blue'),
  cyan: paint('cyan'),
});

// By default styleText itself decides, by the stdout and the environment of this process.
const COLOURED = painting((format) => (text) => styleText(format, text, { validateStream: false }));

export const PLAIN: Style = painting(() => (text) => text);

/** Columns on a terminal: a wide character takes two, an escape none. */
export const widthOf = (text: string): number => stringWidth(text);

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

const graphemes = new Intl.Segmenter();

/** Cuts a styled line to the given width, so that a redrawn line never wraps. */
export function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  let room = width - 1;
  let out = '';
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b')) out += part;
    else
      for (const { segment } of graphemes.segment(part)) {
        room -= widthOf(segment);
        if (room < 0) break;
        out += segment;
      }
  }
  return `${out}…`;
}
