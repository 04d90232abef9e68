/** "Did you mean …?": the word that somebody most likely meant. Pure. */

const MAX_EDITS = 2;

/** The closest of `words`, if it is a slip or two away. */
export function nearestWord(text: string, words: readonly string[]): string | undefined {
  const ranked = words.map((word) => ({ word, edits: editsBetween(text.toLowerCase(), word) }));
  const [best] = ranked.toSorted((one, other) => one.edits - other.edits);
  return best && best.edits <= MAX_EDITS ? best.word : undefined;
}

/** How many letters must be added, left out or changed (Levenshtein), row by row. */
function editsBetween(one: string, other: string): number {
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of Array.from(one).entries()) {
    const row = [at + 1];
    for (const [index, wanted] of Array.from(other).entries()) {
      const changed = (before[index] ?? 0) + (letter === wanted ? 0 : 1);
      row.push(Math.min(changed, (before[index + 1] ?? 0) + 1, (row[index] ?? 0) + 1));
    }
    before = row;
  }
  return before.at(-1) ?? 0;
}
