/** Finds the live agent socket among the object's connections and speaks on it. */
import type { Connection } from "partyserver";
import { encodeFrame, type Frame } from "@roundhouse/protocol/frames";
import type { ControlMessage, Tuning } from "@roundhouse/protocol/messages";
import { isSilent, lastSeen } from "./heartbeat.ts";
import { StreamFault } from "./http-stream.ts";
import { closeFrame, type LinkSocket, type LinkState } from "./link.ts";

export const AGENT_TAG = "agent";

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

  socket(connection: Connection<LinkState>): LinkSocket {
    const lastPingAt = this.#deps.lastPingAt(connection);
    return {
      id: connection.id,
      lastPingAt,
      linkState: stateOf(connection),
      save: (state) => void connection.setState(state),
      send: (message) => connection.send(JSON.stringify(message)),
      close: (why) => {
        const { code, reason } = closeFrame(why);
        connection.setState({ role: "agent", phase: "ended", connectedAt: stateOf(connection).connectedAt });
        connection.close(code, reason);
      },
    };
  }

  liveSocket(): LinkSocket | undefined {
    const connection = this.live();
    return connection && this.socket(connection);
  }

  sendMessage(message: ControlMessage): void {
    this.live()?.send(JSON.stringify(message));
  }

  sendFrame(frame: Frame): void {
    const connection = this.live();
    if (!connection) throw new StreamFault("link_lost", "the node is offline");
    connection.send(encodeFrame(frame));
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

  /** Sockets that never said hello within the time allowed. */
  overdue(helloTimeoutMs: number): Connection<LinkState>[] {
    const limit = this.#deps.now() - helloTimeoutMs;
    return [...this.#deps.connections()].filter((connection) => {
      const state = stateOf(connection);
      return state.phase === "pending" && state.connectedAt <= limit;
    });
  }
}

export function stateOf(connection: Connection<LinkState>): LinkState {
  return connection.state ?? { role: "agent", phase: "pending", connectedAt: 0 };
}

function isLive(connection: Connection<LinkState>): boolean {
  return connection.readyState === WebSocket.OPEN && stateOf(connection).phase === "live";
}
