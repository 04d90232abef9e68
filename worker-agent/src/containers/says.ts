/** What the program that pipes a container says of it, in a line of its own among the container's errors. */

/** From then on it is the container that is spoken to. */
export const RUNS = "the container runs";

/** A line of the program's, as it is written. */
export function lineOf(words: string): string {
  return `── ${words} ──\n`;
}

/** What such a line says; undefined for any other. */
export function wordsOf(line: string): string | undefined {
  return /^── (.*) ──$/.exec(line)?.[1];
}
