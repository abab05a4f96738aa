/** The known word that the typed one most likely means; undefined when none is near. */
export function closest(typed: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((word) => ({ word, distance: distance(typed, word) }))
    .filter((candidate) => candidate.distance <= Math.ceil(typed.length / 3))
    .sort((a, b) => a.distance - b.distance);
  return best?.word;
}

/** Levenshtein: insertions, deletions and replacements of one letter, row by row of the table. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const [above = 0, left = 0, diagonal = 0] = [row[j + 1], next[j], row[j]];
      next.push(Math.min(above + 1, left + 1, diagonal + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
