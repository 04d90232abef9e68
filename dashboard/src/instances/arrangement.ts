/** How a person has arranged the pane: where it stands, what it shows side by side, and how large. This browser remembers. */
import type { Signal } from "@preact/signals";
import type { Way } from "../parts/share.ts";
import { isNarrow } from "../parts/narrow.ts";
import { stored } from "../parts/stored.ts";
import { paneTab, secondTab } from "./selection.ts";

/** Whether the pane stands below the table or beside it. */
export const paneWay = stored<Way>("roundhouse.pane.way", "rows");

/** The pane's share of the page, in percent, either way. */
export const tableShare: Readonly<Record<Way, Signal<number>>> = {
  rows: stored<number>("roundhouse.pane", 46),
  columns: stored<number>("roundhouse.pane.width", 50),
};

/** The second place's share of the pane's width, in percent. */
export const secondShare = stored<number>("roundhouse.pane.second.width", 50);

/** On a phone nothing stands beside anything. */
export function shownWay(): Way {
  return isNarrow.value ? "rows" : paneWay.value;
}

/** The tabs of both places after one was chosen in one of them: each is shown once, so the two change places. */
export function afterChoice(
  tabs: { first: string; second: string },
  place: "first" | "second",
  chosen: string,
): { first: string; second: string } {
  const other = place === "first" ? "second" : "first";
  const after = { ...tabs, [place]: chosen };
  return tabs[other] === chosen ? { ...after, [other]: tabs[place] } : after;
}

export function chooseTab(place: "first" | "second", chosen: string): void {
  const after = afterChoice({ first: paneTab.value, second: secondTab.value }, place, chosen);
  paneTab.value = after.first;
  secondTab.value = after.second;
}

/** Opens the second place with the first of `candidates` that the other does not show. */
export function divide(candidates: readonly string[]): void {
  secondTab.value = candidates.find((id) => id !== paneTab.value) ?? "";
}
