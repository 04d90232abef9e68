/** The hub's side of the link on a loopback port, apps on others, and an agent's link between them. All of it ends with the test. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach } from "vitest";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import type { Facts } from "@roundhouse/protocol/facts";
import { decodeFrame, encodeFrame, type Frame, type OpenHead } from "@roundhouse/protocol/frames";
import { DEFAULT_TUNING } from "@roundhouse/protocol/limits";
import type { AgentHello, AgentMessage, ControlMessage, Tuning } from "@roundhouse/protocol/messages";
import { keepLink, type Link } from "../../../worker-agent/src/link/loop.ts";
import type { SessionDeps } from "../../../worker-agent/src/link/session.ts";
import { Inbox } from "../../workers/objects/inbox.ts";

type Of<T extends string, U extends { type: string }> = Extract<U, { type: T }>;

const endings: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});
export function atEnd(end: () => void | Promise<void>): void {
  endings.push(end);
}

const { helloTimeoutMs: _hello, ...DEFAULTS } = DEFAULT_TUNING;

/** One connection of the agent, as the hub sees it. */
export class Peer {
  readonly socket: WebSocket;
  readonly authorization: string | undefined;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #frames = new Inbox<Frame>();
  readonly #messages = new Inbox<AgentMessage>();
  pings = 0;
  /** Whether a ping is answered, as the runtime does. */
  answersPings = true;

  constructor(socket: WebSocket, authorization: string | undefined) {
    this.socket = socket;
    this.authorization = authorization;
    socket.on("message", (data, isBinary) => this.#onMessage(data as Buffer, isBinary));
    this.closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (isBinary) return this.#frames.put(decodeFrame(Uint8Array.from(data)));
    const text = data.toString();
    if (text !== "ping") return this.#messages.put(JSON.parse(text) as AgentMessage);
    this.pings += 1;
    if (this.answersPings) this.socket.send("pong");
  }

  send(message: ControlMessage | string): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  frame(frame: Frame): void {
    this.socket.send(encodeFrame(frame));
  }

  next<T extends AgentMessage["type"]>(type: T): Promise<Of<T, AgentMessage>> {
    return this.#messages.take(type, (message) => message.type === type) as Promise<Of<T, AgentMessage>>;
  }

  nextFrame<T extends Frame["type"]>(type: T, stream = 1): Promise<Of<T, Frame>> {
    const matches = (frame: Frame) => frame.type === type && frame.stream === stream;
    return this.#frames.take(`a ${type} frame`, matches) as Promise<Of<T, Frame>>;
  }

  frames<T extends Frame["type"]>(type: T, stream = 1): Of<T, Frame>[] {
    return this.#frames.peek((frame) => frame.type === type && frame.stream === stream) as Of<T, Frame>[];
  }

  async welcome(tuning: Partial<Tuning> = {}): Promise<AgentHello> {
    const hello = await this.next("agent.hello");
    const all = { ...DEFAULTS, ...tuning };
    this.send({ type: "control.welcome", protocol: 1, nodeId: "nd_1", nodeName: "box", tuning: all });
    return hello;
  }

  /** Opens a stream; `target` may be a port of the instance `in_app`. */
  open(target: number | "agent", changes: Partial<OpenHead> = {}, stream = 1): void {
    const to = target === "agent" ? { to: target } : { to: "app" as const, instance: "in_app", port: target };
    const head: OpenHead = {
      kind: "http",
      target: to,
      method: "GET",
      path: "/",
      headers: [],
      hasBody: false,
      ...changes,
    };
    this.frame({ type: "open", stream, head });
  }

  data(bytes: Uint8Array | string, stream = 1): void {
    this.frame({ type: "data", stream, bytes: typeof bytes === "string" ? Buffer.from(bytes) : bytes });
  }

  /** The whole answer on a stream, in whichever frames it came. */
  async answer(stream = 1): Promise<{ status: number; headers: Record<string, string>; body: string; frame: string }> {
    const matches = ({ type, stream: of }: Frame) => of === stream && ["head", "reply", "reset"].includes(type);
    const first = await this.#frames.take("an answer", matches);
    if (first.type === "reset") throw new Error(`${first.code}: ${first.message}`);
    if (first.type !== "head" && first.type !== "reply") throw new Error(first.type);
    const { status } = first.head;
    const headers = Object.fromEntries(first.head.headers);
    if (first.type === "reply") return { status, headers, body: Buffer.from(first.body).toString(), frame: "reply" };
    await this.nextFrame("end", stream);
    const body = Buffer.concat(this.frames("data", stream).map(({ bytes }) => bytes)).toString();
    return { status, headers, body, frame: "head" };
  }
}

export class Gateway {
  readonly url: string;
  readonly #peers = new Inbox<Peer>();
  readonly server: Server;
  /** Status of the next upgrades; 101 lets them in. */
  status = 101;

  constructor(server: Server) {
    this.server = server;
    this.url = `http://127.0.0.1:${portOf(server)}`;
    const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 * 1024 });
    server.on("upgrade", (request, socket, head) => {
      if (this.status !== 101) return void socket.end(`HTTP/1.1 ${this.status} No\r\nContent-Length: 0\r\n\r\n`);
      sockets.handleUpgrade(request, socket, head, (accepted) => {
        atEnd(() => accepted.terminate());
        this.#peers.put(new Peer(accepted, request.headers.authorization));
      });
    });
  }

  peer(): Promise<Peer> {
    return this.#peers.take("a connection", () => true);
  }
}

export async function startGateway(): Promise<Gateway> {
  return new Gateway((await listen(createServer())).server);
}

export type TestApp = { port: number; server: Server; connections: Set<Socket> };

export async function startApp(listener: RequestListener): Promise<TestApp> {
  const { server, connections } = await listen(createServer(listener));
  return { port: portOf(server), server, connections };
}

/** An app of WebSockets only. */
export async function startSocketApp(options: ServerOptions, onSocket: (socket: WebSocket) => void): Promise<number> {
  const { port, server } = await startApp((_request, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ server, maxPayload: 64 * 1024 * 1024, ...options });
  sockets.on("connection", onSocket);
  atEnd(() => {
    for (const client of sockets.clients) client.terminate();
  });
  return port;
}

/** `connections` holds also those that were upgraded, which the server itself forgets. */
async function listen(server: Server): Promise<Omit<TestApp, "port">> {
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(async () => {
    for (const socket of connections) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { server, connections };
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

const facts: Facts = {
  hostname: "box",
  machineId: "machine",
  platform: "local",
  os: { name: "Linux", version: "1", kernel: "6", arch: "x64" },
  cpu: { model: "cpu", cores: 2 },
  memoryTotalBytes: 1,
  disk: { path: "/", totalBytes: 1, freeBytes: 1 },
  gpus: [],
  docker: { available: false, reason: "none" },
  nodeVersion: "24",
  isolation: { mode: "same-user", reason: "test" },
};

export type Linked = { link: Link; gateway: Gateway; ports: number[]; lines: string[] };

/** Starts an agent's link to a gateway. `ports` are those of the instance `in_app`; a test adds to them. */
export function startLink(gateway: Gateway, changes: Partial<SessionDeps> = {}): Linked {
  const ports: number[] = [];
  const lines: string[] = [];
  const deps: SessionDeps = {
    url: gateway.url,
    key: "rhn_test",
    hello: async () => ({
      type: "agent.hello",
      protocol: { current: 1, oldest: 1 },
      agentVersion: "0",
      bootId: "boot",
      facts,
      instances: [],
      unknown: [],
    }),
    onWelcome: () => undefined,
    onDesired: () => undefined,
    onBlueprint: () => undefined,
    onSecrets: () => undefined,
    onUnknown: () => undefined,
    portsOf: (id) => (id === "in_app" ? ports : []),
    services: { fetch: async () => new Response(null, { status: 404 }), feed: () => undefined },
    ...changes,
  };
  const link = keepLink(deps, (line) => lines.push(line));
  atEnd(async () => {
    link.stop();
    await link.over;
  });
  return { link, gateway, ports, lines };
}

/** A link that is up, with the apps' ports allowed. */
export async function linked(
  ports: number[] = [],
  tuning: Partial<Tuning> = {},
  changes: Partial<SessionDeps> = {},
): Promise<Peer> {
  const gateway = await startGateway();
  const started = startLink(gateway, changes);
  started.ports.push(...ports);
  const peer = await gateway.peer();
  await peer.welcome(tuning);
  return peer;
}

export async function eventually<T>(look: () => T | Promise<T>, patienceMs = 5_000): Promise<T> {
  const limit = Date.now() + patienceMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > limit) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
