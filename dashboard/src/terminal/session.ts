/** One terminal while it is shown: a socket after the other, each from where the last one ended (SPEC TM1–TM10). */
import type { TerminalClientMessage, TerminalNodeMessage, TerminalSize } from "@roundhouse/protocol/terminal";
import { type LinkState, openSocket } from "../live/socket.ts";

/** A long paste goes in pieces: a message has a limit. */
const INPUT_CHARS = 16 * 1024;
/** Who types ahead before the first `open` means this terminal; more than a few lines is no typing. */
const EARLY_CHARS = 4 * 1024;

export type End =
  | { why: "exit"; code: number | null; signal: string | null }
  | { why: "error"; code: string; message: string; hint?: string };

export type SessionHandlers = {
  /** The size that this screen would like. */
  size: () => TerminalSize | undefined;
  /** What comes next is not what follows: the screen is cleared. */
  onReset: () => void;
  /** `shown` is to be called when it is on the screen. Of a replay nothing may be answered. */
  onOutput: (bytes: Uint8Array, isReplay: boolean, shown: () => void) => void;
  onSize: (size: TerminalSize) => void;
  onOpen: () => void;
  onState: (state: LinkState) => void;
  /** The last word: no more sockets. */
  onEnd: (end: End) => void;
};

export class TerminalSession {
  readonly #handlers: SessionHandlers;
  readonly #stop: () => void;
  readonly #instanceId: string;
  readonly #name: string;
  /** Known from the first `open` on: from then on it comes back to this one only. */
  #id: string | undefined;
  /** The offset of the next byte. */
  #next = 0;
  #replayEnd = 0;
  #send: ((message: string) => void) | undefined;
  #early = "";

  constructor(instanceId: string, name: string, handlers: SessionHandlers) {
    this.#instanceId = instanceId;
    this.#name = name;
    this.#handlers = handlers;
    this.#stop = openSocket({
      path: () => this.#path(),
      onOpen: (send) => (this.#send = send),
      onText: (text) => this.#onText(JSON.parse(text) as TerminalNodeMessage),
      onBytes: (bytes) => this.#onBytes(bytes),
      onState: (state) => {
        if (state !== "live") this.#send = undefined;
        handlers.onState(state);
      },
    });
  }

  type(data: string): void {
    if (this.#id === undefined) {
      this.#early = (this.#early + data).slice(0, EARLY_CHARS);
      return;
    }
    for (let at = 0; at < data.length; at += INPUT_CHARS) {
      this.#say({ type: "input", data: data.slice(at, at + INPUT_CHARS) });
    }
  }

  answer(data: string): void {
    this.#say({ type: "input", data, answer: true });
  }

  resize(size: TerminalSize): void {
    this.#say({ type: "resize", ...size });
  }

  /** Leaves it as it is. */
  leave(): void {
    this.#send = undefined;
    this.#stop();
  }

  #path(): string {
    const query = new URLSearchParams({ terminal: this.#id ?? this.#name, ack: "1" });
    if (this.#id !== undefined) query.set("offset", String(this.#next));
    const size = this.#handlers.size();
    if (size) for (const [name, value] of Object.entries(size)) query.set(name, String(value));
    return `/api/instances/${this.#instanceId}/terminal?${query.toString()}`;
  }

  #onText(message: TerminalNodeMessage): void {
    switch (message.type) {
      case "open":
        if (message.id !== this.#id || message.offset !== this.#next) this.#handlers.onReset();
        this.#id = message.id;
        this.#next = message.offset;
        this.#replayEnd = message.end;
        this.#handlers.onSize(message);
        this.#handlers.onOpen();
        this.type(this.#early);
        this.#early = "";
        return;
      case "offset":
        this.#next = message.offset;
        return this.#handlers.onReset();
      case "size":
        return this.#handlers.onSize(message);
      case "exit":
        return this.#end({ why: "exit", code: message.code, signal: message.signal });
      case "error":
        return this.#end({ why: "error", code: message.code, message: message.message, hint: message.hint });
    }
  }

  #onBytes(bytes: Uint8Array): void {
    const replayed = Math.max(0, Math.min(bytes.length, this.#replayEnd - this.#next));
    if (replayed > 0) this.#show(bytes.subarray(0, replayed), true);
    if (replayed < bytes.length) this.#show(bytes.subarray(replayed), false);
  }

  #show(bytes: Uint8Array, isReplay: boolean): void {
    this.#next += bytes.length;
    const offset = this.#next;
    this.#handlers.onOutput(bytes, isReplay, () => this.#say({ type: "ack", offset }));
  }

  #end(end: End): void {
    this.leave();
    this.#handlers.onEnd(end);
  }

  /** While there is no socket nothing is said: what was typed blindly into a cut link would come as a surprise. */
  #say(message: TerminalClientMessage): void {
    this.#send?.(JSON.stringify(message));
  }
}
