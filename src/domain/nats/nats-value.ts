/**
 * A value of NATS's configuration language. Strings are quoted, since an unquoted word that starts with a digit or ends
 * in a unit is read as a number.
 */
export type NatsValue = string | number | boolean | NatsValue[] | { [key: string]: NatsValue };

export function renderNats(value: Record<string, NatsValue>, indent = ''): string {
  return Object.entries(value)
    .map(([key, item]) => `${indent}${key}: ${renderValue(item, indent)}\n`)
    .join('');
}

function renderValue(value: NatsValue, indent: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => renderValue(item, indent)).join(', ')}]`;
  if (typeof value === 'object') return `{\n${renderNats(value, `${indent}  `)}${indent}}`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
