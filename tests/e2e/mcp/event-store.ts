/** What a session has sent, so that a client whose stream broke gets the rest of it. */
import type { EventId, EventStore, StreamId } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

type Sender = { send: (id: EventId, message: JSONRPCMessage) => Promise<void> };

/** One per session; an event's id is its place in it, so that ids of all its streams differ. */
export class SessionEvents implements EventStore {
  readonly #events: { stream: StreamId; message: JSONRPCMessage }[] = [];

  async storeEvent(stream: StreamId, message: JSONRPCMessage): Promise<EventId> {
    return String(this.#events.push({ stream, message }) - 1);
  }

  async getStreamIdForEventId(id: EventId): Promise<StreamId | undefined> {
    return this.#events[Number(id)]?.stream;
  }

  async replayEventsAfter(lastId: EventId, { send }: Sender): Promise<StreamId> {
    const last = this.#events[Number(lastId)];
    if (last === undefined) throw new Error(`no event ${lastId} in this session`);
    // What is stored while this sends is in the list by then, and sent as well.
    for (let at = Number(lastId) + 1; at < this.#events.length; at += 1) {
      const event = this.#events[at];
      if (event?.stream === last.stream) await send(String(at), event.message);
    }
    return last.stream;
  }
}
