/** The catalogue we ship. A Worker has no file system, so the files are part of its bundle as text. */
import type { CatalogueEntry } from "./entry.ts";

export const SHIPPED: readonly CatalogueEntry[] = [];
