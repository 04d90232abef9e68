/** What was chosen in the palette last, in this browser. */
import { stored } from "../parts/stored.ts";

const MOST_KEPT = 12;
const recent = stored<string>("roundhouse.palette.recent", "");

export function remember(id: string): void {
  const others = recent.value.split(",").filter((other) => other !== id && other !== "");
  recent.value = [id, ...others].slice(0, MOST_KEPT).join(",");
}

export function recentFirst<T extends { id: string }>(items: readonly T[]): T[] {
  const ids = recent.value.split(",");
  const placeOf = ({ id }: T): number => (ids.includes(id) ? ids.indexOf(id) : MOST_KEPT);
  return items.toSorted((a, b) => placeOf(a) - placeOf(b));
}
