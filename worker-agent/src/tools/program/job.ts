/** What the tool program is told on its standard input, and what its exit code means. What it found it prints. */
import type { Place } from "../../files/folder.ts";
import type { HttpCall } from "../http.ts";

/** `folder` is walked by the program itself, as its own user, without following links. */
export type WriteJob = { folder: Place; name: string; content: string; mode: "replace" | "append" | "create" };
export type ToolJob = { does: "write"; job: WriteJob } | { does: "http"; job: HttpCall };

export const DID_IT = 0;
/** It knows that what was asked was not done, or was refused. Any other code means that nobody knows. */
export const DID_NOT = 3;
