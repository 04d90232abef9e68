/** How large each kind of content is shown in the pane. This browser remembers it, kind by kind. */
import type { Signal } from "@preact/signals";
import { stored } from "../parts/stored.ts";

/** In percent, and in the steps that browsers have. */
export const ZOOM_STEPS = [50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200] as const;
export const PLAIN_ZOOM = 100;

const zooms = new Map<string, Signal<number>>();

/** The zoom of a tab, in percent. */
export function zoomOf(tab: string): Signal<number> {
  const known = zooms.get(tab) ?? stored<number>(`roundhouse.zoom.${tab}`, PLAIN_ZOOM);
  zooms.set(tab, known);
  return known;
}

/** The next step up or down; the last one stays. */
export function nextZoom(percent: number, direction: 1 | -1): number {
  const further = ZOOM_STEPS.filter((step) => (direction > 0 ? step > percent : step < percent));
  return (direction > 0 ? further[0] : further.at(-1)) ?? percent;
}

/** The zoom after a key that browsers zoom with, or undefined. `=` is the plus key without Shift. */
export function zoomAfterKey(event: KeyboardEvent, percent: number): number | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  switch (event.key) {
    case "+":
    case "=":
      return nextZoom(percent, 1);
    case "-":
      return nextZoom(percent, -1);
    case "0":
      return PLAIN_ZOOM;
    default:
      return undefined;
  }
}
