/** Finds the live agent socket among the object's connections and speaks on it. */
import type { Connection } from "partyserver";
import { encodeFrame, type Frame } from "@roundhouse/protocol/frames";
import type { ControlMessage, Tuning } from "@roundhouse/protocol/messages";
import { isSilent, lastSeen } from "./heartbeat.ts";
import { closeFrame, type LinkSocket, type LinkState } from "./link.ts";

export const AGENT_TAG = "agent";
/** An agent that is still here this long after its grace did not leave: its link is a link like any other again. */
const LEAVING_MS = 5_000;

export type AgentLinkDeps = {
  tuning: Tuning;
  connections(): Iterable<Connection<LinkState>>;
  lastPingAt(connection: Connection<LinkState>): number | null;
  now(): number;
};

export class AgentLink {
  readonly #deps: AgentLinkDeps;
  #live: Connection<LinkState> | undefined;

  constructor(deps: AgentLinkDeps) {
    this.#deps = deps;
  }

  /** The connection that carries the link now; sockets survive hibernation, this object's memory does not. */
  live(): Connection<LinkState> | undefined {
    if (this.#live && isLive(this.#live)) return this.#live;
    this.#live = [...this.#deps.connections()].find(isLive);
    return this.#live;
  }

  /** Whether this is the socket of the link, as far as this object's memory goes. */
  isLive(socket: WebSocket): socket is Connection<LinkState> {
    return socket === this.#live && isLive(this.#live);
  }

  socket(connection: Connection<LinkState>): LinkSocket {
    const lastPingAt = this.#deps.lastPingAt(connection);
    return {
      id: connection.id,
      lastPingAt,
      get linkState() {
        return stateOf(connection);
      },
      get isOpen() {
        return connection.readyState === WebSocket.OPEN;
      },
      save: (state) => void connection.setState(state),
      send: (message) => connection.send(JSON.stringify(message)),
      close: (why) => {
        const { code, reason } = closeFrame(why);
        end(connection, code, reason);
      },
    };
  }

  /** Ends a link after a failure of ours: the agent dials again soon and states everything anew (SPEC HS6, CL1). */
  fail(connection: Connection<LinkState>): void {
    end(connection, 1011, "something went wrong in the control plane");
  }

  liveSocket(): LinkSocket | undefined {
    const connection = this.live();
    return connection && this.socket(connection);
  }

  sendMessage(message: ControlMessage): void {
    this.live()?.send(JSON.stringify(message));
  }

  /** Asks the agent to leave (SPEC DR1). False when there is no live link. */
  drain(reconnectAfterMs: number, graceMs: number): boolean {
    const connection = this.live();
    const state = connection && stateOf(connection);
    if (!connection || state?.phase !== "live") return false;
    const goneBy = this.#deps.now() + graceMs;
    const drain = { refuseUntil: goneBy + LEAVING_MS, backAt: goneBy + reconnectAfterMs };
    connection.setState({ ...state, drain });
    this.sendMessage({ type: "control.drain", reconnectAfterMs, graceMs });
    return true;
  }

  /** How long until the node is back (ms), while its agent is leaving; undefined when streams may be opened (SPEC DR3). */
  backInMs(): number | undefined {
    const connection = this.live();
    const state = connection && stateOf(connection);
    if (state?.phase !== "live" || !state.drain) return undefined;
    const now = this.#deps.now();
    return now < state.drain.refuseUntil ? Math.max(0, state.drain.backAt - now) : undefined;
  }

  /** False when there is no live link. Throws `FrameError` for what the peer would refuse. */
  sendFrame(frame: Frame | Uint8Array): boolean {
    const connection = this.live();
    connection?.send(frame instanceof Uint8Array ? frame : encodeFrame(frame));
    return connection !== undefined;
  }

  /** Whether the peer was heard of within the timeout, and when last (Unix ms). */
  check(): { connection: Connection<LinkState>; silent: boolean; seenAt: number } | undefined {
    const connection = this.live();
    if (!connection) return undefined;
    const { connectedAt } = stateOf(connection);
    const beat = { connectedAt, lastPingAt: this.#deps.lastPingAt(connection) };
    const silent = isSilent(beat, this.#deps.now(), this.#deps.tuning.heartbeatTimeoutMs);
    return { connection, silent, seenAt: lastSeen(beat) };
  }

  /** Closes sockets that never said hello, and answers when the next one is due (SPEC HS4). */
  endOverdue(helloTimeoutMs: number): number | undefined {
    const pending = [...this.#deps.connections()].filter((connection) => stateOf(connection).phase === "pending");
    const dueAt = (connection: Connection<LinkState>) => stateOf(connection).connectedAt + helloTimeoutMs;
    const now = this.#deps.now();
    for (const connection of pending) if (dueAt(connection) <= now) this.socket(connection).close("helloExpected");
    const later = pending.map(dueAt).filter((at) => at > now);
    return later.length > 0 ? Math.min(...later) : undefined;
  }
}

export function stateOf(connection: Connection<LinkState>): LinkState {
  return connection.state ?? { role: "agent", phase: "pending", connectedAt: 0 };
}

function end(connection: Connection<LinkState>, code: number, reason: string): void {
  connection.setState({ role: "agent", phase: "ended", connectedAt: stateOf(connection).connectedAt });
  connection.close(code, reason);
}

function isLive(connection: Connection<LinkState>): boolean {
  return connection.readyState === WebSocket.OPEN && stateOf(connection).phase === "live";
}
