/** What a watcher's message means (SPEC TM4). */
import { TerminalClientMessage } from "@roundhouse/protocol/terminal";
import type * as z from "zod";
import type { FeedMessage } from "../link/feed-inbox.ts";

type Said = z.output<typeof TerminalClientMessage>;
/** `nothing`: a message of ours that makes no sense. It is not typed, either. */
export type Heard =
  | { type: "input"; bytes: Uint8Array; answer: boolean }
  | Exclude<Said, { type: "input" }>
  | { type: "nothing" };

const OURS = new Set<unknown>(TerminalClientMessage.options.map((option) => option.shape.type.value));

/** Text that is no message of ours is what somebody types: simple clients need no JSON. */
export function hear(message: FeedMessage): Heard {
  if (typeof message !== "string") return { type: "input", bytes: message, answer: false };
  const value = readObject(message);
  if (!OURS.has(value?.["type"])) return { type: "input", bytes: Buffer.from(message), answer: false };
  const parsed = TerminalClientMessage.safeParse(value);
  if (!parsed.success) return { type: "nothing" };
  const said = parsed.data;
  return said.type === "input" ? { ...said, bytes: Buffer.from(said.data) } : said;
}

function readObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined; // Typed text that only looks like JSON.
  }
}
