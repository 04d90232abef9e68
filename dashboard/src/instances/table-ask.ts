/** What the table can ask for beyond what the pane can. */
import type { Ask } from "./pane.tsx";
import type { RemakeVerb } from "./remake-words.ts";

export type TableAsk = Ask | RemakeVerb;
