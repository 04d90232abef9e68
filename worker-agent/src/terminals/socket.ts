/** A terminal's socket: what its watcher is shown, and what becomes of what it says (SPEC TM1–TM7). */
import { TERMINAL_ACK_WINDOW_BYTES } from "@roundhouse/protocol/limits";
import {
  DEFAULT_TERMINAL_NAME,
  TERMINAL_NAME,
  type TerminalNodeMessage,
  TerminalSize,
} from "@roundhouse/protocol/terminal";
import type { FeedInbox, FeedMessage } from "../link/feed-inbox.ts";
import { Bell } from "./bell.ts";
import { TerminalProblem } from "./problem.ts";
import type { Terminal, Watcher } from "./terminal.ts";
import type { Terminals } from "./terminals.ts";
import { hear, type Heard } from "./words.ts";

const MESSAGE_BYTES = 64 * 1024;
const FIRST_SIZE: TerminalSize = { cols: 80, rows: 24 };

/** A watcher behind a socket. `acked` is undefined for one that does not say what it has shown. */
type Client = Watcher & { acked: number | undefined };

/** Messages for one socket until its terminal ends or `signal` aborts. */
export async function* terminalFeed(
  terminals: Terminals,
  instanceId: string,
  query: URLSearchParams,
  inbox: FeedInbox,
  signal: AbortSignal,
): AsyncGenerator<FeedMessage> {
  const client = clientIn(query);
  let terminal: Terminal;
  try {
    terminal = await wanted(terminals, instanceId, query, client.size ?? FIRST_SIZE);
  } catch (error) {
    if (!(error instanceof TerminalProblem)) throw error;
    const { code, message, hint } = error;
    return yield say({ type: "error", code, message, hint });
  }
  terminal.attach(client);
  signal.addEventListener("abort", () => client.bell.ring());
  inbox.listen((message) => act(hear(message), { terminals, instanceId, terminal, client }));
  try {
    yield* shown(terminal, client, signal);
  } finally {
    terminal.detach(client);
  }
}

async function* shown(terminal: Terminal, client: Client, signal: AbortSignal): AsyncGenerator<FeedMessage> {
  const first = terminal.read(client, 0);
  const { id, name, end } = terminal;
  let { size } = terminal;
  yield say({ type: "open", id, name, offset: first.offset, end, ...size });
  for (; !signal.aborted; await client.bell.rung()) {
    // Looked at before the output: what was printed last comes before the end.
    const { exit } = terminal;
    for (let room = roomOf(client); room > 0 && client.next < terminal.end && !signal.aborted; room = roomOf(client)) {
      const { next } = client;
      const { offset, bytes } = terminal.read(client, room);
      if (offset !== next) {
        if (client.acked !== undefined) client.acked = offset;
        yield say({ type: "offset", offset });
      }
      if (bytes.length > 0) yield bytes;
    }
    if (size !== terminal.size) {
      ({ size } = terminal);
      yield say({ type: "size", ...size });
    }
    if (exit && client.next === terminal.end) return yield say({ type: "exit", ...exit });
  }
}

/** How much it may be given now. */
function roomOf({ next, acked }: Client): number {
  return acked === undefined ? MESSAGE_BYTES : Math.min(MESSAGE_BYTES, acked + TERMINAL_ACK_WINDOW_BYTES - next);
}

type Place = { terminals: Terminals; instanceId: string; terminal: Terminal; client: Client };

async function act(heard: Heard, { terminals, instanceId, terminal, client }: Place): Promise<void> {
  switch (heard.type) {
    case "input":
      return heard.answer ? terminal.answer(client, heard.bytes) : terminal.type(client, heard.bytes);
    case "resize":
      return terminal.resize(client, { cols: heard.cols, rows: heard.rows });
    case "ack":
      if (client.acked !== undefined) client.acked = Math.max(client.acked, Math.min(heard.offset, client.next));
      return client.bell.ring();
    case "close":
      // The end is told as any other; until then the socket goes on.
      void terminals.close(instanceId, terminal.id);
      return;
    case "nothing":
      return;
  }
}

async function wanted(
  terminals: Terminals,
  instanceId: string,
  query: URLSearchParams,
  size: TerminalSize,
): Promise<Terminal> {
  const wish = query.get("terminal") ?? DEFAULT_TERMINAL_NAME;
  if (TERMINAL_NAME.test(wish)) return terminals.open(instanceId, wish, size);
  const found = terminals.find(instanceId, wish);
  if (found) return found;
  if (wish.startsWith("tm_")) {
    const hint = "Open a new one.";
    throw new TerminalProblem(
      "gone",
      "This terminal has ended: it was closed, or its worker agent was started anew.",
      hint,
    );
  }
  const hint = "Use at most 40 letters, digits, blanks, dots, dashes and underscores.";
  throw new TerminalProblem("invalid_input", `${JSON.stringify(wish.slice(0, 80))} is no name for a terminal.`, hint);
}

function clientIn(query: URLSearchParams): Client {
  const size = TerminalSize.safeParse({ cols: Number(query.get("cols")), rows: Number(query.get("rows")) });
  const offset = Number(query.get("offset") ?? 0);
  const next = Number.isSafeInteger(offset) && offset >= 0 ? offset : 0;
  return { size: size.data, next, acked: query.get("ack") === "1" ? next : undefined, bell: new Bell() };
}

function say(message: TerminalNodeMessage): string {
  return JSON.stringify(message);
}
