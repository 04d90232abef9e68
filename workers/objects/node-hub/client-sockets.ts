/** The clients' WebSockets that this object holds: their streams in memory, their state on the sockets themselves. */
import type { Connection, WSMessage } from "partyserver";
import type { ClientSocket, SocketState, SocketStream } from "./socket-stream.ts";
import type { StreamTable } from "./streams.ts";

/**
 * What changes with every message is written a moment later, once for many. The timer keeps the object from hibernating
 * until then; a crash before it ends the sockets anyway.
 */
export const SAVE_DELAY_MS = 250;

export class ClientSockets {
  readonly #streams = new WeakMap<WebSocket, SocketStream>();
  readonly #unsaved = new Map<Connection<SocketState>, SocketState>();

  /** Takes up the sockets that were open before hibernation. */
  resume(streams: StreamTable, connections: Iterable<Connection<SocketState>>): void {
    for (const connection of connections) {
      const { state } = connection;
      if (!state) continue;
      const stream = streams.resume({ ...state }, this.#socket(connection));
      this.#streams.set(connection, stream);
      if (state.partial) stream.end(1011, "part of a message was lost");
    }
  }

  /** Joins an accepted socket to the stream that was offered for it. */
  join(streams: StreamTable, connection: Connection<SocketState>, state: SocketState): void {
    connection.setState(state);
    this.#streams.set(connection, streams.join(state, this.#socket(connection)));
  }

  streamOf(socket: WebSocket): SocketStream | undefined {
    return this.#streams.get(socket);
  }

  #socket(connection: Connection<SocketState>): ClientSocket {
    return {
      send: (message) => connection.send(message),
      close: (code, reason) => connection.close(code, reason),
      save: (state) => this.#saveSoon(connection, state),
    };
  }

  #saveSoon(connection: Connection<SocketState>, state: SocketState): void {
    if (this.#unsaved.size === 0) setTimeout(() => this.#saveAll(), SAVE_DELAY_MS);
    this.#unsaved.set(connection, state);
  }

  #saveAll(): void {
    for (const [connection, state] of this.#unsaved) {
      if (connection.readyState === WebSocket.OPEN) connection.setState({ ...state });
    }
    this.#unsaved.clear();
  }
}

/** A message as a stream takes it: text, or the bytes alone. */
export function messageOf(message: WSMessage): string | ArrayBuffer {
  if (typeof message === "string" || message instanceof ArrayBuffer) return message;
  return message.buffer.slice(message.byteOffset, message.byteOffset + message.byteLength) as ArrayBuffer;
}
