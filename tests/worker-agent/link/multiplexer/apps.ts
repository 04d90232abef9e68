/** Real apps on loopback, and services of the agent, that behave as a plan says. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { AgentServices } from "../../../../worker-agent/src/link/service-stream.ts";
import { content, message, type StreamPlan, sum } from "../../../protocol/multiplexer/plan.ts";
import type { Turns } from "../../../protocol/multiplexer/turns.ts";

/** What an app got on one stream; `isOver` when its side has ended, however. */
export type Got = {
  bytes: Uint8Array[];
  messages: { text: boolean; bytes: Uint8Array }[];
  closeCode: number | undefined;
  isOver: boolean;
};

export type Part = { turns: Turns; plan: StreamPlan; index: number; got: Got };

/** A path that takes a body of any size and never answers. */
export const SWALLOW = "/swallow";

/** One server for all runs: a path says which stream of which run it is. */
export class Apps {
  readonly #parts = new Map<string, Part>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly services: AgentServices = {
    fetch: async (request) => {
      const part = this.#parts.get(new URL(request.url).pathname);
      return part ? serve(part, request) : new Response(null, { status: 404 });
    },
    feed: () => undefined,
  };

  async listen(): Promise<number> {
    this.#server.on("upgrade", (request, socket, head) => {
      socket.on("error", () => socket.destroy());
      const part = this.#parts.get(request.url ?? "");
      // Its run is over: the agent had left before this app noticed that it came.
      if (!part) return void socket.destroy();
      if (part.plan.isHasty) {
        part.got.isOver = true;
        return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nnot today!");
      }
      this.#sockets.handleUpgrade(request, socket, head, (accepted) => void converse(accepted, part));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  add(path: string, part: Omit<Part, "got">): Got {
    const got: Got = { bytes: [], messages: [], closeCode: undefined, isOver: true };
    this.#parts.set(path, { ...part, got });
    return got;
  }

  remove(path: string): void {
    this.#parts.delete(path);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const part = this.#parts.get(request.url ?? "");
    if (request.url === SWALLOW) return void request.on("error", () => undefined).resume();
    if (!part) return void response.destroy();
    const { turns, plan, index, got } = part;
    got.isOver = false;
    response.on("close", () => (got.isOver = true));
    const read = readAll(request, turns, got);
    if (!plan.isHasty && plan.ending === "whole") await read;
    const breaksOff = breaker(plan);
    const pieces = plan.down.map((size, at) => content(index, "down", sum(plan.down.slice(0, at)), size));
    const stated = plan.down.length % 2 === 0 ? { "content-length": sum(plan.down) } : {};
    response.writeHead(200, stated);
    for (const bytes of pieces) {
      await turns.some(3);
      if (breaksOff()) return void response.destroy();
      if (response.destroyed) return;
      if (!response.write(bytes))
        await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
    }
    if (plan.ending === "app breaks off") response.destroy();
    else response.end();
  }
}

async function readAll(request: IncomingMessage, turns: Turns, got: Got): Promise<void> {
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      got.bytes.push(chunk);
      await turns.some(2);
    }
  } catch {
    // The client left in the middle of its body.
  }
}

async function serve({ turns, plan, index, got }: Part, request: Request): Promise<Response> {
  got.isOver = false;
  request.signal.addEventListener("abort", () => (got.isOver = true));
  const read = async (): Promise<void> => {
    for await (const chunk of request.body ?? []) {
      got.bytes.push(chunk);
      await turns.some(2);
    }
  };
  if (!plan.isHasty) await read();
  const breaksOff = breaker(plan);
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      await turns.some(3);
      const size = plan.down[at];
      if (breaksOff() || (size === undefined && plan.ending === "app breaks off")) {
        got.isOver = true;
        controller.error(new Error("the service broke off"));
      } else if (size === undefined) {
        got.isOver = true;
        controller.close();
      } else {
        const from = sum(plan.down.slice(0, at));
        at += 1;
        if (size > 0) controller.enqueue(content(index, "down", from, size));
        else controller.enqueue(new Uint8Array());
      }
    },
  });
  return new Response(body);
}

async function converse(socket: WebSocket, { turns, plan, index, got }: Part): Promise<void> {
  got.isOver = false;
  socket.on("message", (data, isBinary) => got.messages.push({ text: !isBinary, bytes: data as Buffer }));
  socket.on("close", (code) => {
    got.isOver = true;
    got.closeCode = code;
  });
  socket.on("error", () => socket.terminate());
  const breaksOff = breaker(plan);
  for (const [at, size] of plan.down.entries()) {
    await turns.some(3);
    if (breaksOff()) return socket.terminate();
    const { text, bytes } = message(index, "down", at, size);
    socket.send(text ? Buffer.from(bytes).toString() : bytes);
  }
  if (plan.ending === "app breaks off") socket.close(4_001, "the app closes");
}

function breaker(plan: StreamPlan): () => boolean {
  let steps = 0;
  return () => plan.ending === "app breaks off" && (steps += 1) > plan.endsAfter;
}
