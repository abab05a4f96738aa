import { printable } from '../contract/printable.js';

/** Text that is markup. Only `html` makes it, so whatever comes from outside is escaped. */
export class Html {
  constructor(readonly markup: string) {}
}

type Part = Html | string | number | undefined | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (part === undefined) return '';
  if (typeof part === 'object') return part.map(markupOf).join('');
  return escaped(String(part));
}

/** Markup with parts: what is no markup itself is escaped, for an element as well as for a quoted attribute. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.map((text, index) => text.replace(INDENT, '\n') + markupOf(parts[index])).join(''));

/** For those who read the source of the program, not of the page. */
const INDENT = /\n\s*/g;
