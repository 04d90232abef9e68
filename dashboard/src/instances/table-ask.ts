/** What the table can ask for beyond what the pane can. */
import type { Ask } from "./pane.tsx";

export type RemakeVerb = "update" | "rebuild" | "reset";
export type TableAsk = Ask | RemakeVerb;
