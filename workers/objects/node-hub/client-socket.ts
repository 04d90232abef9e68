/** Clients' WebSockets: the app agrees first, then the client gets its 101 (SPEC WS1). */
import type { Connection } from "partyserver";
import type { ResponseHead, StreamTarget } from "@roundhouse/protocol/frames";
import { headersOf } from "./http-stream.ts";
import type { Holder } from "./rpc.ts";
import type { ClientSocket, SocketState } from "./socket-stream.ts";
import type { StreamHolder, StreamTable } from "./streams.ts";
import { HOLDER_HEADER } from "./wire.ts";

export const CLIENT_TAG = "client";
const STATE_HEADER = "x-roundhouse-socket";

export type SocketOpening = {
  streams: StreamTable;
  initialWindowBytes: number;
  /** Accepts the client's socket inside the object; `request` carries the socket's state. */
  accept(request: Request): Promise<Response>;
};

/** Opens a WebSocket to `target` for a client's upgrade request. Rejects with `StreamFault`. */
export async function openClientSocket(
  opening: SocketOpening,
  request: Request,
  path: string,
  target: StreamTarget,
  holder: StreamHolder,
): Promise<Response> {
  const offer = await opening.streams.offerSocket(request, path, target, holder);
  if (offer.head.status !== 101) return refusal(offer.head, offer.body);
  const window = opening.initialWindowBytes;
  const counts = { sent: 0, sendLimit: window, received: 0, granted: window, partial: false };
  const state: SocketState = { role: "client", stream: offer.stream, ...holder, ...counts };
  // A short URL of our own: the library keeps it in the socket's attachment, which holds 16 KiB.
  const accepted = await opening.accept(
    new Request("https://node-hub/client", {
      headers: { Upgrade: "websocket", [STATE_HEADER]: JSON.stringify(state) },
    }),
  );
  const headers = new Headers();
  const protocol = offer.head.headers.find(([name]) => name.toLowerCase() === "sec-websocket-protocol");
  if (protocol) headers.set("Sec-WebSocket-Protocol", protocol[1]);
  return new Response(null, { status: 101, webSocket: accepted.webSocket, headers });
}

/** The state that {@link openClientSocket} put on its own request. */
export function offeredState(request: Request): SocketState | undefined {
  const text = request.headers.get(STATE_HEADER);
  return text === null ? undefined : (JSON.parse(text) as SocketState);
}

export function clientSocket(connection: Connection<SocketState>): ClientSocket {
  return {
    send: (message) => connection.send(message),
    close: (code, reason) => connection.close(code, reason),
    save: (state) => void connection.setState({ ...state }),
  };
}

function refusal(head: ResponseHead, body: Uint8Array): Response {
  const headers = headersOf(head);
  const empty = head.status < 200 || head.status === 204 || head.status === 304;
  // An app that answers an upgrade with a plain 2xx did not understand it; the client must not take it for success.
  const status = head.status < 200 ? 502 : head.status;
  return new Response(empty ? null : body, { status, headers, encodeBody: "manual" });
}

const NOBODY: Holder = { userId: null, sessionId: null, keyId: null, shareId: null, expiresAt: null };

/** Who a request to the agent's services is for; the Worker says so after it checked. */
export function holderOf(request: Request): StreamHolder {
  const text = request.headers.get(HOLDER_HEADER);
  const holder: Holder = text ? (JSON.parse(text) as Holder) : NOBODY;
  return { ...holder, instanceId: null, grantId: null };
}
