/** The algebra of NATS subjects: tokens between dots, `*` for one token, `>` for the rest, at least one. */

/** Puts the name of a cluster where a pattern says `{cluster}`. */
export const forCluster = (pattern: string, cluster: string): string => pattern.replaceAll('{cluster}', cluster);

/** Whether every subject of `narrow` is one of `wide`. */
export function covers(wide: string, narrow: string): boolean {
  const [left, right] = [wide.split('.'), narrow.split('.')];
  for (const [index, token] of left.entries()) {
    if (token === '>') return right.length > index;
    const other = right[index];
    if (other === undefined || other === '>') return false;
    if (token !== '*' && token !== other) return false;
  }
  return left.length === right.length;
}

/** Whether some subject is one of both. */
export function overlaps(one: string, other: string): boolean {
  const [left, right] = [one.split('.'), other.split('.')];
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const [a = '', b = ''] = [left[index], right[index]];
    if (a === '>' || b === '>') return true;
    if (a !== '*' && b !== '*' && a !== b) return false;
  }
  return left.length === right.length;
}

/** The pattern of the subjects that are of both; only for patterns that overlap. */
export function meet(one: string, other: string): string {
  const [left, right] = [one.split('.'), other.split('.')];
  const longer = left.length >= right.length ? left : right;
  return longer
    .map((_, index) => {
      const [a = '>', b = '>'] = [left[index], right[index]];
      if (a === '>' || (a === '*' && b !== '>')) return b;
      return a;
    })
    .join('.');
}

export const coveredBy = (patterns: readonly string[], subject: string): boolean =>
  patterns.some((pattern) => covers(pattern, subject));

/** A subject of the pattern. Where the pattern leaves room, a token of ours makes it one that is not in use. */
export const exampleOf = (pattern: string, token: string): string =>
  pattern
    .split('.')
    .map((part) => (part === '*' || part === '>' ? token : part))
    .join('.');
