/** Terminals of one instance on this machine, and clients as the hub's end of their sockets. All of it ends with the test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { TerminalClientMessage, TerminalNodeMessage } from "@roundhouse/protocol/terminal";
import type { Surroundings } from "../../../worker-agent/src/instances/surroundings.ts";
import { FeedInbox } from "../../../worker-agent/src/link/feed-inbox.ts";
import { nativePty } from "../../../worker-agent/src/terminals/native-pty.ts";
import type { PtyWay } from "../../../worker-agent/src/terminals/pty.ts";
import { pythonPty } from "../../../worker-agent/src/terminals/python-pty.ts";
import { terminalFeed } from "../../../worker-agent/src/terminals/socket.ts";
import { Terminals } from "../../../worker-agent/src/terminals/terminals.ts";

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

export const WAYS: [name: string, way: PtyWay][] = [
  ["node-pty", nativePty],
  ["python3", pythonPty],
];

export const INSTANCE = "in_app";
const PATIENCE_MS = 10_000;

/** `folder` is the instance's; its shell knows no more than PATH, HOME and what the test adds. */
export async function open(
  ways: PtyWay[],
  env: Record<string, string> = {},
  { user = null, enter }: Partial<Pick<Surroundings, "user" | "enter">> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), "rh-terminals-"));
  const base = { PATH: process.env["PATH"] ?? "", HOME: folder, ...env };
  const surroundingsOf = async (id: string) =>
    id === INSTANCE ? { cwd: folder, env: base, user, ...(enter && { enter }) } : undefined;
  const terminals = new Terminals({ surroundingsOf, ways });
  endings.push(
    () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
    () => terminals.shutdown(),
  );
  return { folder, terminals, client: (query: Query = {}) => new Client(terminals, query) };
}

type Query = { [name: string]: string | number } & { instance?: string };

export class Client {
  readonly #abort = new AbortController();
  readonly #inbox: FeedInbox;
  readonly texts: TerminalNodeMessage[] = [];
  /** Bytes of its messages that were taken. */
  granted = 0;
  output = "";
  bytes = 0;
  isOver = false;
  /** While set, nothing more is taken from the node. */
  stalled: Promise<void> | undefined;

  constructor(terminals: Terminals, { instance = INSTANCE, ...query }: Query) {
    this.#inbox = new FeedInbox(
      (bytes) => (this.granted += bytes),
      (error) => {
        throw error;
      },
    );
    const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const feed = terminalFeed(terminals, instance, search, this.#inbox, this.#abort.signal);
    endings.push(() => this.leave());
    void this.#read(feed);
  }

  async #read(feed: AsyncIterable<string | Uint8Array>): Promise<void> {
    for await (const message of feed) {
      if (typeof message === "string") this.texts.push(JSON.parse(message) as TerminalNodeMessage);
      else {
        this.output += Buffer.from(message).toString("latin1");
        this.bytes += message.length;
      }
      await this.stalled;
    }
    this.isOver = true;
  }

  /** What a person types. */
  type(text: string): void {
    this.#push(true, text);
  }

  say(message: TerminalClientMessage): void {
    this.#push(true, JSON.stringify(message));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#inbox.push({ text: false, more: false, bytes });
  }

  #push(text: boolean, words: string): void {
    this.#inbox.push({ text, more: false, bytes: Buffer.from(words) });
  }

  leave(): void {
    this.#abort.abort();
  }

  async saw(words: string | RegExp): Promise<string> {
    const found = () => (typeof words === "string" ? this.output.includes(words) : words.test(this.output));
    await until(found, () => `${String(words)} in ${JSON.stringify(this.output.slice(-2000))}`);
    return typeof words === "string" ? words : (words.exec(this.output)?.[1] ?? "");
  }

  async said<T extends TerminalNodeMessage["type"]>(type: T): Promise<Extract<TerminalNodeMessage, { type: T }>> {
    const find = () => this.texts.findLast((one) => one.type === type);
    await until(
      () => find() !== undefined,
      () => `${type} in ${JSON.stringify(this.texts)}`,
    );
    return find() as Extract<TerminalNodeMessage, { type: T }>;
  }
}

export async function until(look: () => boolean, seen: () => string = () => ""): Promise<void> {
  const limit = Date.now() + PATIENCE_MS;
  while (!look()) {
    if (Date.now() > limit) throw new Error(`not within ${PATIENCE_MS} ms: ${seen()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
