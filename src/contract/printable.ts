/** What a terminal obeys instead of showing: control characters but tab and line break, and marks that turn the direction of text. */
const OBEYED = /(?![\t\n])[\p{Cc}\p{Bidi_Control}]/gu;

/** Each such character as JSON would write it, so that printed JSON stays the same JSON. */
export const printable = (text: string): string => text.replaceAll('\r\n', '\n').replace(OBEYED, escaped);

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Every text in a value that came from outside. */
export function printableIn<T>(value: T): T {
  return deep(value) as T;
}

function deep(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(deep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, deep(item)]));
}

/** A text that another side wrote, at most so long. */
export const cut = (text: string, maxChars: number): string =>
  text.length <= maxChars ? text : `${text.slice(0, maxChars)}…`;
