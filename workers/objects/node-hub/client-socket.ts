/** How a client's WebSocket is opened: the app agrees first, then the client gets its 101 (SPEC WS1). */
import type { HeaderList } from "@roundhouse/protocol/frames";
import type { Holder } from "./rpc.ts";
import type { SocketState } from "./socket-stream.ts";
import type { Passage, StreamHolder, StreamTable } from "./streams.ts";
import { HOLDER_HEADER, HUB_ORIGIN } from "./wire.ts";

export const CLIENT_TAG = "client";
const STATE_HEADER = "x-roundhouse-socket";

export type SocketOpening = {
  streams: StreamTable;
  initialWindowBytes: number;
  /** Accepts the client's socket inside the object; `request` carries the socket's state. */
  accept(request: Request): Promise<Response>;
};

/** Opens a WebSocket for a client's upgrade request. Rejects with `StreamFault`. */
export async function openClientSocket(opening: SocketOpening, passage: Passage): Promise<Response> {
  const offer = await opening.streams.offerSocket(passage);
  const { head } = offer;
  if (head.status !== 101) return refusal(head.status, passage.answerHeaders(head.headers), offer.body);
  const window = opening.initialWindowBytes;
  const counts = { sent: 0, sendLimit: window, received: 0, granted: window, partial: false };
  const state: SocketState = { role: "client", stream: offer.stream, ...passage.holder, ...counts };
  // A short URL of our own: the library keeps it in the socket's attachment, which holds 16 KiB.
  const accepted = await opening.accept(
    new Request(`${HUB_ORIGIN}/client`, {
      headers: { Upgrade: "websocket", [STATE_HEADER]: JSON.stringify(state) },
    }),
  );
  const headers = new Headers();
  const protocol = head.headers.find(([name]) => name.toLowerCase() === "sec-websocket-protocol");
  if (protocol) headers.set("Sec-WebSocket-Protocol", protocol[1]);
  return new Response(null, { status: 101, webSocket: accepted.webSocket, headers });
}

/** The state that {@link openClientSocket} put on its own request. */
export function offeredState(request: Request): SocketState | undefined {
  const text = request.headers.get(STATE_HEADER);
  return text === null ? undefined : (JSON.parse(text) as SocketState);
}

function refusal(said: number, headers: HeaderList, body: Uint8Array): Response {
  const empty = said < 200 || said === 204 || said === 304;
  // An app that answers an upgrade with a plain 2xx did not understand it; the client must not take it for success.
  const status = said < 200 ? 502 : said;
  return new Response(empty ? null : body, { status, headers, encodeBody: "manual" });
}

const NOBODY: Holder = { userId: null, sessionId: null, keyId: null, shareId: null, expiresAt: null };

/** Who a request to the agent's services is for; the Worker says so after it checked. */
export function holderOf(request: Request): StreamHolder {
  const text = request.headers.get(HOLDER_HEADER);
  const holder: Holder = text ? (JSON.parse(text) as Holder) : NOBODY;
  return { ...holder, instanceId: null, grantId: null };
}
