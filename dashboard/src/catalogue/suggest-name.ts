/** A name nobody has yet, near to the blueprint's. */
export function suggestName(base: string, taken: readonly string[]): string {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  if (!used.has(base.toLowerCase())) return base;
  let number = 2;
  while (used.has(`${base}-${number}`.toLowerCase())) number += 1;
  return `${base}-${number}`;
}
