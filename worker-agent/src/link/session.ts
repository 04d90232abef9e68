/** One connection's life: dial, hello, welcome, messages, end (SPEC HS1–HS6). */
import WebSocket, { type RawData } from "ws";
import { LINK_CLOSE } from "@roundhouse/protocol/close-codes";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import { decodeFrame, FrameError } from "@roundhouse/protocol/frames";
import { HEARTBEAT_PONG, MAX_LINK_MESSAGE_BYTES } from "@roundhouse/protocol/limits";
import {
  type AgentHello,
  type AgentMessage,
  type ControlBlueprint,
  type ControlDesired,
  type ControlMessage,
  type ControlSecrets,
  type ControlWelcome,
  parseControlMessage,
} from "@roundhouse/protocol/messages";
import { type Heartbeat, startHeartbeat } from "./heartbeat.ts";
import { Outbox } from "./outbox.ts";
import type { AgentServices } from "./service-stream.ts";
import { Streams } from "./streams.ts";

/** Time for the TCP, TLS and WebSocket handshakes together, and then for the welcome. */
const HANDSHAKE_TIMEOUT_MS = 15_000;
const LEAVING_POLL_MS = 50;

export type SessionDeps = {
  url: string;
  key: string;
  hello: () => Promise<AgentHello>;
  onWelcome: (welcome: ControlWelcome) => void;
  onDesired: (desired: ControlDesired) => void;
  onBlueprint: (blueprint: ControlBlueprint) => void;
  onSecrets: (secrets: ControlSecrets) => void;
  /** The control plane said something that this agent does not know, and it was ignored (SPEC VS3). */
  onUnknown: (what: string) => void;
  /** The only ports a stream may go to for this instance. */
  portsOf: (instanceId: string) => number[];
  services: AgentServices;
};

/** Why a session ended. `refused` means the control plane does not know this node's key. */
export type SessionEnd =
  | { why: "refused"; status: number }
  | { why: "failed"; message: string; heldMs: number }
  | { why: "closed"; code: number; reason: string; heldMs: number }
  | { why: "drained"; reconnectAfterMs: number; heldMs: number };

export class Session {
  readonly #deps: SessionDeps;
  readonly #socket: WebSocket;
  readonly #outbox: Outbox;
  /** How the session ended; never rejects. */
  readonly ended: Promise<SessionEnd>;
  #settle: (end: SessionEnd) => void = () => undefined;
  #streams: Streams | undefined;
  #heartbeat: Heartbeat | undefined;
  #welcomeTimer: NodeJS.Timeout | undefined;
  #openedAt = 0;
  #drain: number | undefined;
  #leaving: NodeJS.Timeout | undefined;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#socket = dial(deps.url, deps.key);
    this.#outbox = new Outbox(this.#socket);
    this.#socket.on("upgrade", (response) => this.#outbox.writeThrough(response.socket));
    this.#socket.on("open", () => {
      this.#onOpen().catch((error: unknown) => this.#drop(`no hello could be said: ${String(error)}`));
    });
    this.#socket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    this.#socket.on("close", (code, reason) => this.#onClose(code, reason.toString()));
    this.#socket.on("unexpected-response", (_request, response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      if (status === 401) this.#end({ why: "refused", status });
      else this.#fail(`HTTP status ${status}`);
      this.#socket.terminate();
    });
    this.#socket.on("error", (error) => this.#fail(error.message));
  }

  /** Sends a control message if the link is up, and says whether it is; a lost one is made good by the next hello. */
  send(message: AgentMessage): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN || !this.#streams) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    this.#socket.close(1001, "the agent stops");
    this.#end({ why: "closed", code: 1001, reason: "the agent stops", heldMs: this.#heldMs() });
  }

  async #onOpen(): Promise<void> {
    this.#openedAt = performance.now();
    this.#welcomeTimer = setTimeout(() => this.#drop("no welcome came"), HANDSHAKE_TIMEOUT_MS);
    const hello = await this.#deps.hello();
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(hello));
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#heartbeat?.heard();
    if (isBinary) return this.#onFrame(data as Buffer);
    const text = (data as Buffer).toString();
    if (text === HEARTBEAT_PONG) return;
    const parsed = parseControlMessage(text);
    if (parsed.ok) this.#onControl(parsed.message);
    else if (parsed.why === "unknown_type") this.#deps.onUnknown(`messages of the type ${parsed.type}`);
    else this.#socket.close(LINK_CLOSE.malformed.code, "malformed control message");
  }

  #onFrame(bytes: Buffer): void {
    try {
      this.#streams?.dispatch(decodeFrame(bytes));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // A newer control plane may know more frame types than this agent (SPEC VS3).
      if (error.code === "unknown_type") this.#deps.onUnknown(error.message);
      else this.#socket.close(LINK_CLOSE.malformed.code, `malformed frame: ${error.code}`);
    }
  }

  #onControl(message: ControlMessage): void {
    switch (message.type) {
      case "control.welcome":
        return this.#onWelcome(message);
      case "control.desired":
        return this.#deps.onDesired(message);
      case "control.blueprint":
        return this.#deps.onBlueprint(message);
      case "control.secrets":
        return this.#deps.onSecrets(message);
      case "control.drain":
        this.#drain = message.reconnectAfterMs;
        return this.#leaveWithin(message.graceMs);
      default:
        return unreachable(message);
    }
  }

  #onWelcome(welcome: ControlWelcome): void {
    clearTimeout(this.#welcomeTimer);
    this.#heartbeat?.stop();
    this.#streams?.abandonAll();
    const { tuning } = welcome;
    this.#streams = new Streams({
      tuning,
      outbox: this.#outbox,
      services: this.#deps.services,
      portsOf: this.#deps.portsOf,
    });
    this.#heartbeat = startHeartbeat({
      intervalMs: tuning.heartbeatIntervalMs,
      timeoutMs: tuning.heartbeatTimeoutMs,
      send: (text) => this.#socket.send(text),
      onSilent: () => this.#drop("no heartbeat was answered"),
    });
    this.#deps.onWelcome(welcome);
  }

  /** Open requests may end first (SPEC DR2). */
  #leaveWithin(graceMs: number): void {
    const limit = performance.now() + graceMs;
    clearInterval(this.#leaving);
    const look = (): void => {
      if (this.#streams?.requests && performance.now() < limit) return;
      clearInterval(this.#leaving);
      this.#socket.close(1000, "drained");
    };
    this.#leaving = setInterval(look, LEAVING_POLL_MS);
    look();
  }

  #drop(message: string): void {
    this.#socket.terminate();
    this.#fail(message);
  }

  #fail(message: string): void {
    this.#end({ why: "failed", message, heldMs: this.#heldMs() });
  }

  #onClose(code: number, reason: string): void {
    const heldMs = this.#heldMs();
    if (this.#drain !== undefined) this.#end({ why: "drained", reconnectAfterMs: this.#drain, heldMs });
    else this.#end({ why: "closed", code, reason, heldMs });
  }

  #end(end: SessionEnd): void {
    clearTimeout(this.#welcomeTimer);
    clearInterval(this.#leaving);
    this.#heartbeat?.stop();
    this.#streams?.abandonAll();
    this.#outbox.close();
    this.#settle(end);
  }

  #heldMs(): number {
    return this.#openedAt === 0 ? 0 : performance.now() - this.#openedAt;
  }
}

function dial(url: string, key: string): WebSocket {
  const address = new URL("/link", url);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(address, {
    headers: { Authorization: `Bearer ${key}` },
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    perMessageDeflate: false,
    maxPayload: MAX_LINK_MESSAGE_BYTES,
    generateMask: mayUseZeroMask(address) ? (mask: Buffer) => mask.fill(0) : undefined,
  });
}

/**
 * Masks protect confused plaintext intermediaries (RFC 6455 §10.3). Where there is none, over TLS or loopback, a mask of
 * zeros saves the XOR over every byte, which halves throughput.
 */
function mayUseZeroMask({ protocol, hostname }: URL): boolean {
  return protocol === "wss:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
