/** A key of K3s's configuration and its values; a list has several. */
export interface Setting {
  key: string;
  values: string[];
}

/** The settings of a file as K3s's configuration is written: keys at the margin, each with a value or a list. */
export function settingsIn(lines: readonly string[]): Setting[] {
  const settings: Setting[] = [];
  for (const line of lines) {
    const [, item] = /^\s*-\s+(.*)$/.exec(line) ?? [];
    if (item !== undefined) settings.at(-1)?.values.push(plain(item));
    const [, quoted, bare, rest = ''] = /^(?:["']([^"']+)["']|([A-Za-z][\w-]*\+?))\s*:(?:\s+(.*))?$/.exec(line) ?? [];
    const key = quoted ?? bare;
    if (key !== undefined) settings.push({ key, values: valuesIn(rest) });
  }
  return settings;
}

function valuesIn(text: string): string[] {
  const [, list] = /^\[(.*)\]\s*(?:#.*)?$/.exec(text) ?? [];
  if (list !== undefined) return list.split(',').map(plain).filter(Boolean);
  const value = plain(text);
  return value === '' ? [] : [value];
}

/** Without quotes and comment. */
function plain(text: string): string {
  const [, double, single] = /^(?:"([^"]*)"|'([^']*)')/.exec(text.trim()) ?? [];
  return double ?? single ?? text.replace(/(^|\s)#.*$/, '').trim();
}
