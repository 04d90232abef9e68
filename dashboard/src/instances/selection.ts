/** Which instance is selected, whether its pane is open and what of it that shows; kept while the person looks at other pages. */
import { signal } from "@preact/signals";

export const selectedId = signal<string | null>(new URLSearchParams(location.search).get("instance"));
export const paneOpen = signal(selectedId.value !== null);

/** Of the tabs in pane.tsx, by id. */
export const paneTab = signal("log");

export function showLog(id: string): void {
  showTab(id, "log");
}

export function showTab(id: string, tab: string): void {
  selectedId.value = id;
  paneTab.value = tab;
  paneOpen.value = true;
}
