/** What is said on a terminal's socket (SPEC TM1–TM10), and how the API shows a terminal. */
import * as z from "zod";

const size = { cols: z.int().min(2).max(1000), rows: z.int().min(1).max(1000) };
export const TerminalSize = z.object(size);
export type TerminalSize = z.infer<typeof TerminalSize>;

/** A client's text messages. Its binary ones are input as it is typed. */
export const TerminalClientMessage = z.discriminatedUnion("type", [
  /** `answer`: no person typed it, but the client's emulator answers a question of the program. */
  z.object({ type: z.literal("input"), data: z.string(), answer: z.boolean().default(false) }),
  z.object({ type: z.literal("resize"), ...size }),
  /** Everything before `offset` is on the client's screen. */
  z.object({ type: z.literal("ack"), offset: z.int().min(0) }),
  /** For good: the shell and all it started end. */
  z.object({ type: z.literal("close") }),
]);
export type TerminalClientMessage = z.input<typeof TerminalClientMessage>;

/** The node's text messages. Its binary ones are output. */
export type TerminalNodeMessage =
  /** The first one. Output follows from `offset` on; what is before `end` is a replay. */
  | ({ type: "open"; id: string; name: string; offset: number; end: number } & TerminalSize)
  /** The output goes on at `offset`: what lay before it is no longer kept. */
  | { type: "offset"; offset: number }
  | ({ type: "size" } & TerminalSize)
  /** The last one: the shell has ended. */
  | { type: "exit"; code: number | null; signal: string | null }
  /** The last one: why there is no terminal. `gone`: the one that was asked for has ended. */
  | { type: "error"; code: string; message: string; hint?: string };

/** `watchers` is how many sockets show it now. */
export const Terminal = z
  .object({
    id: z.string(),
    name: z.string(),
    cols: z.int(),
    rows: z.int(),
    watchers: z.int(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: "Terminal" });
export type Terminal = z.infer<typeof Terminal>;

/** What a person calls a terminal. It never looks like an id. */
export const TERMINAL_NAME = /^(?!tm_)[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$/;
export const DEFAULT_TERMINAL_NAME = "main";
