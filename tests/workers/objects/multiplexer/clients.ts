/** Browsers that use the streams of a plan: what they send, what they get, and how it ended for them. */
import { openClientSocket, offeredState } from "../../../../workers/objects/node-hub/client-socket.ts";
import { StreamFault } from "../../../../workers/objects/node-hub/http-stream.ts";
import type { Passage, StreamHolder, StreamTable } from "../../../../workers/objects/node-hub/streams.ts";
import { content, message, type StreamPlan, SMALL_TUNING, sum } from "../../../protocol/multiplexer/plan.ts";
import type { Turns } from "../../../protocol/multiplexer/turns.ts";

/** `whole`: it ended as HTTP or WebSocket says; else it broke, and the client was told. */
export type Outcome = {
  how: "whole" | "broken" | "refused";
  status: number | undefined;
  bytes: Uint8Array[];
  messages: { text: boolean; bytes: Uint8Array }[];
  closeCode: number | undefined;
};

const HOLDER: StreamHolder = {
  ...{ userId: null, sessionId: null, keyId: null, shareId: null, expiresAt: null },
  ...{ instanceId: "in_app", grantId: null },
};

/** The way of a request to the app of the plan with this index, or of this name. */
export function passageOf(request: Request, index: number | string): Passage {
  return {
    request,
    path: `/${index}`,
    target: { to: "app", instance: "in_app", port: 19_001 },
    headers: [],
    answerHeaders: (headers) => headers,
    holder: HOLDER,
  };
}

export async function useHttp(turns: Turns, table: StreamTable, plan: StreamPlan, index: number): Promise<Outcome> {
  const outcome: Outcome = { how: "broken", status: undefined, bytes: [], messages: [], closeCode: undefined };
  const gone = new AbortController();
  const leaves = leaver(plan);
  const body = plan.up.length > 0 ? upload(turns, plan, index) : null;
  const request = new Request(`http://app/${index}`, { method: body ? "POST" : "GET", body, signal: gone.signal });
  try {
    if (plan.ending === "client leaves" && plan.endsAfter === 0) {
      turns.start(`the leaving of ${index}`, async () => {
        await turns.some(6);
        gone.abort();
      });
    }
    const response = await table.fetch(passageOf(request, index));
    outcome.status = response.status;
    const reader = response.body?.getReader();
    while (reader) {
      await turns.some(3);
      if (leaves()) {
        await reader.cancel();
        return outcome;
      }
      const { value, done } = await reader.read();
      if (done) break;
      outcome.bytes.push(value);
    }
    outcome.how = "whole";
  } catch {
    // It broke. The runtime has many words for that: our own fault, a length that is not met, a lost connection.
  }
  return outcome;
}

/** A body that comes piece by piece; of a client that leaves it breaks off. */
function upload(turns: Turns, plan: StreamPlan, index: number): ReadableStream {
  const total = sum(plan.up);
  const { readable, writable } = plan.up.length % 2 ? new FixedLengthStream(total) : new IdentityTransformStream();
  const writer = writable.getWriter();
  writer.closed.catch(() => undefined);
  const leaves = leaver(plan);
  turns.keep(`upload ${index}`, async () => {
    let at = 0;
    try {
      for (const size of plan.up) {
        await turns.some(3);
        if (leaves()) return await writer.abort(new Error("the client left"));
        if (size > 0) await writer.write(content(index, "up", at, size));
        at += size;
      }
      await writer.close();
    } catch {
      // The stream ended before it had read the body: that is its right.
    }
  });
  return readable;
}

export async function useSocket(turns: Turns, table: StreamTable, plan: StreamPlan, index: number): Promise<Outcome> {
  const outcome: Outcome = { how: "broken", status: undefined, bytes: [], messages: [], closeCode: undefined };
  const request = new Request(`http://app/${index}`, { headers: { Upgrade: "websocket" } });
  let response: Response;
  try {
    const opening = {
      streams: table,
      initialWindowBytes: SMALL_TUNING.initialWindowBytes,
      accept: async (offered: Request) => accept(table, offered),
    };
    response = await openClientSocket(opening, passageOf(request, index));
  } catch (error) {
    if (!(error instanceof StreamFault)) throw error;
    return outcome;
  }
  outcome.status = response.status;
  const { webSocket } = response;
  if (!webSocket) {
    outcome.bytes.push(new Uint8Array(await response.arrayBuffer()));
    return { ...outcome, how: "refused" };
  }
  await converse(turns, webSocket, plan, index, outcome);
  return outcome;
}

async function converse(turns: Turns, socket: WebSocket, plan: StreamPlan, index: number, outcome: Outcome) {
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    const text = typeof data === "string";
    outcome.messages.push({ text, bytes: text ? new TextEncoder().encode(data) : new Uint8Array(data as ArrayBuffer) });
  });
  socket.addEventListener("close", ({ code }) => {
    outcome.closeCode ??= code;
  });
  socket.accept();
  const isClosed = () => outcome.closeCode !== undefined;
  const leaves = leaver(plan);
  for (const [at, size] of plan.up.entries()) {
    await turns.some(3);
    if (isClosed()) return;
    if (leaves()) return socket.close(4_002, "the client leaves");
    const { text, bytes } = message(index, "up", at, size);
    socket.send(text ? new TextDecoder().decode(bytes) : bytes);
  }
  if (plan.ending === "client leaves") return socket.close(4_002, "the client leaves");
  await turns.until(() => isClosed() || (plan.ending === "whole" && outcome.messages.length === plan.down.length));
  if (isClosed()) return;
  socket.close(4_000, "the client has all");
  outcome.how = "whole";
}

/** What the hub does with a client's upgrade, on a socket of our own. */
function accept(table: StreamTable, offered: Request): Response {
  const state = offeredState(offered);
  if (!state) throw new Error("an upgrade without its state");
  const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
  server.binaryType = "arraybuffer";
  server.accept();
  const stream = table.join(state, {
    send: (message) => server.send(message),
    close: (code, reason) => server.close(code, reason),
    save: () => undefined,
  });
  server.addEventListener("message", ({ data }) => stream.onClientMessage(data as string | ArrayBuffer));
  server.addEventListener("close", ({ code, reason }) => stream.onClientClose(code, reason));
  return new Response(null, { status: 101, webSocket: client });
}

function leaver(plan: StreamPlan): () => boolean {
  let steps = 0;
  return () => plan.ending === "client leaves" && (steps += 1) > plan.endsAfter;
}
