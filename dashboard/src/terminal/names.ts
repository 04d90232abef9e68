/** What terminals are called. The protocol's own list of them brings zod, which the browser does without. */

export const DEFAULT_TERMINAL_NAME = "main";

/** A name for another one. */
export function freeName(taken: readonly string[]): string {
  let number = 2;
  while (taken.includes(`terminal ${number}`)) number += 1;
  return `terminal ${number}`;
}
