/** How a place is divided in two, and what the keys do to that. */

/** Below each other, or side by side. */
export type Way = "rows" | "columns";

/** Of the second place, in percent. */
export const LEAST = 18;
export const MOST = 82;
const STEP = 4;

/** The share after a key; undefined for a key that moves nothing. */
export function nextShare(key: string, way: Way, share: number): number | undefined {
  const [more, less] = way === "rows" ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
  switch (key) {
    case more:
      return share + STEP;
    case less:
      return share - STEP;
    case "Home":
      return MOST;
    case "End":
      return LEAST;
    default:
      return undefined;
  }
}
