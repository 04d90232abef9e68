/** Which instance is selected, whether its pane is open and what of it that shows; kept while the person looks at other pages. */
import { signal } from "@preact/signals";
import { isNarrow } from "../parts/narrow.ts";
import { stored } from "../parts/stored.ts";

export const selectedId = signal<string | null>(new URLSearchParams(location.search).get("instance"));
export const paneOpen = signal(selectedId.value !== null);

/** Of the tabs in pane-tabs.tsx, by id. */
export const paneTab = stored<string>("roundhouse.pane.tab", "log");

/** What the pane shows beside that; empty: nothing. */
export const secondTab = stored<string>("roundhouse.pane.second", "");

/** On a phone nothing stands beside anything. */
export function shownSecondTab(): string | undefined {
  return isNarrow.value || secondTab.value === "" ? undefined : secondTab.value;
}

export function showLog(id: string): void {
  showTab(id, "log");
}

export function showTab(id: string, tab: string): void {
  selectedId.value = id;
  // What is shown beside already stays there.
  if (shownSecondTab() !== tab) paneTab.value = tab;
  paneOpen.value = true;
}
