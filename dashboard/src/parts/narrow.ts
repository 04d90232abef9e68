/** Whether the page is as narrow as a phone: as in the style sheets, below 720 px. */
import { signal } from "@preact/signals";

const query = matchMedia("(max-width: 720px)");
export const isNarrow = signal(query.matches);
query.addEventListener("change", ({ matches }) => (isNarrow.value = matches));
