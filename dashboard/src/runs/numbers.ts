/** Tokens and money as people read them. */

/** `1234` → `1.2 k`. */
export function formatTokens(count: number): string {
  if (count < 1_000) return String(count);
  if (count < 1_000_000) return `${trimmed(count / 1_000)} k`;
  return `${trimmed(count / 1_000_000)} M`;
}

/** In US dollars: cents from a dollar on, else two digits that say something; never nothing for something. */
export function formatMoney(dollars: number): string {
  if (dollars === 0) return "$0";
  if (dollars < 0.0001) return "< $0.0001";
  return `$${dollars >= 1 ? dollars.toFixed(2) : trimZeros(dollars.toFixed(4))}`;
}

function trimmed(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : trimZeros(value.toFixed(1));
}

function trimZeros(text: string): string {
  return text.replace(/\.?0+$/, "");
}
