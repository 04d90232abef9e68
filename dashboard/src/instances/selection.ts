/** Which instance is selected, and which view of it is open; kept while the person looks at other pages. */
import { signal } from "@preact/signals";
import type { Tab } from "./tabs.tsx";

export const selectedId = signal<string | null>(new URLSearchParams(location.search).get("instance"));
export const paneOpen = signal(selectedId.value !== null);
export const paneTab = signal<Tab>("log");

export function showLog(id: string): void {
  paneTab.value = "log";
  selectedId.value = id;
  paneOpen.value = true;
}
