/** Fuzzy matching: every letter of each word in order; what stands together, and at the beginnings of words, counts more. */

const IN_A_ROW = 4;
const WORD_START = 6;
const HIT = 1;
const GAP = 0.15;

/** How well `text` matches; undefined when it does not. An empty query matches everything alike. */
export function fuzzyScore(query: string, text: string): number | undefined {
  let sum = 0;
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const score = bestScore(word, text.toLowerCase());
    if (score === undefined) return undefined;
    sum += score;
  }
  return sum - text.length * 0.01;
}

/** The best over every place where the first letter stands: the first place is often not the one that was meant. */
function bestScore(word: string, text: string): number | undefined {
  let best: number | undefined;
  for (let start = text.indexOf(word[0] ?? ""); start !== -1; start = text.indexOf(word[0] ?? "", start + 1)) {
    const score = scoreFrom(word, text, start);
    if (score === undefined) break;
    if (best === undefined || score > best) best = score;
  }
  return best;
}

function scoreFrom(word: string, text: string, start: number): number | undefined {
  let score = 0;
  let last = start - 1;
  for (const letter of word) {
    const at = text.indexOf(letter, last + 1);
    if (at === -1) return undefined;
    score += HIT - (at - last - 1) * GAP;
    if (at === last + 1 && at !== start) score += IN_A_ROW;
    if (at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? "")) score += WORD_START;
    last = at;
  }
  return score;
}

/** Best first; those that match alike stay as they were. */
export function rank<T>(items: readonly T[], query: string, textOf: (item: T) => string): T[] {
  const scored = items.flatMap((item) => {
    const score = fuzzyScore(query, textOf(item));
    return score === undefined ? [] : [{ item, score }];
  });
  if (query.trim() === "") return scored.map(({ item }) => item);
  return scored.toSorted((a, b) => b.score - a.score).map(({ item }) => item);
}
