/** Which instance is selected and whether its log is open; kept while the person looks at other pages. */
import { signal } from "@preact/signals";

export const selectedId = signal<string | null>(new URLSearchParams(location.search).get("instance"));
export const paneOpen = signal(selectedId.value !== null);

export function showLog(id: string): void {
  selectedId.value = id;
  paneOpen.value = true;
}
