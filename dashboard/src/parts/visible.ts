/** Finds what cannot be seen in a stranger's text, so that it can be shown: controls, marks that turn the reading, what has no width. Pure. */

export type VisiblePart = { text: string; /** It stands for a character that cannot be seen. */ hidden: boolean };

/**
 * Line breaks and tabs are seen. So are the joiners and selectors of emoji, where they stand behind one; anywhere else the same
 * characters carry text that a model reads and a person does not.
 */
const HIDDEN =
  /(?![\n\t])(?!(?<=\p{Extended_Pictographic})\ufe0f)(?!(?<=[\p{Extended_Pictographic}\ufe0f])\u200d(?=\p{Extended_Pictographic}))[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The text in its order, each hidden character a part of its own: `⟨U+202E⟩`. */
export function visibleParts(text: string): VisiblePart[] {
  const parts: VisiblePart[] = [];
  let end = 0;
  for (const { 0: character, index } of text.matchAll(HIDDEN)) {
    if (index > end) parts.push({ text: text.slice(end, index), hidden: false });
    parts.push({ text: codeOf(character), hidden: true });
    end = index + character.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), hidden: false });
  return parts;
}

/** The same as one text. */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, codeOf);
}

/** How many characters of it cannot be seen. */
export function hiddenCount(text: string): number {
  return visibleParts(text).filter(({ hidden }) => hidden).length;
}

function codeOf(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}
