/** Values by what they have in common, in the order in which each group began. */
export function grouped<T>(values: readonly T[], keyOf: (value: T) => string): (readonly [key: string, values: T[]])[] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return [...groups];
}
