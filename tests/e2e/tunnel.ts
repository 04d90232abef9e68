/** An app whose server is the test itself: on the node a relay stands in its place, so a test sees both ends of the tunnel. */
import { type ClientRequest, createServer, type IncomingMessage, request as startRequest } from "node:http";
import type { OutgoingHttpHeaders, RequestListener, Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import WebSocket, { WebSocketServer } from "ws";
import { relayTo } from "./blueprints.ts";
import { type House, openHouse } from "./house.ts";

const BIG_HEADERS_BYTES = 1024 * 1024;
const BIG_MESSAGE_BYTES = 64 * 1024 * 1024;

export type Ask = { method?: string; headers?: OutgoingHttpHeaders; body?: string | Buffer };
export type Whole = { status: number; message: IncomingMessage; bytes: Buffer; text: string };

export class Tunnel {
  readonly house: House;
  /** Where the app lives for a browser: `<slug>.apps.localhost:<port>`. */
  readonly host: string;
  /** Where it lives on its node: `127.0.0.1:<port>`. */
  readonly localHost: string;
  readonly #cookie: string;
  readonly #app: App;

  constructor(house: House, app: App, host: string, localHost: string, cookie: string) {
    this.house = house;
    this.#app = app;
    this.host = host;
    this.localHost = localHost;
    this.#cookie = cookie;
  }

  get origin(): string {
    return `http://${this.host}`;
  }

  /** What every request of a signed-in browser carries. */
  get headers(): { Host: string; Cookie: string } {
    return { Host: this.host, Cookie: this.#cookie };
  }

  /** The app answers below the returned path, which ends with a slash, as `listener` says. */
  serve(listener: RequestListener): string {
    return this.#app.serve(listener);
  }

  /** The app accepts WebSockets below the returned path. */
  serveSockets(onSocket: (socket: WebSocket, request: IncomingMessage) => void): string {
    return this.#app.serveSockets(onSocket);
  }

  /** Starts a request of a browser; the caller ends it. */
  start(path: string, { method = "GET", headers = {} }: Ask = {}): ClientRequest {
    const given = { host: "127.0.0.1", port: this.house.port, method, path, agent: false };
    const all = { ...this.headers, ...headers };
    return startRequest({ ...given, headers: all, maxHeaderSize: BIG_HEADERS_BYTES, setHost: false });
  }

  /** The head of the answer to a whole request; its body is still to be read. */
  async open(path: string, ask: Ask = {}): Promise<IncomingMessage> {
    const request = this.start(path, ask);
    const answered = answerTo(request);
    request.end(ask.body);
    return answered;
  }

  async ask(path: string, ask: Ask = {}): Promise<Whole> {
    const message = await this.open(path, ask);
    const bytes = await readAll(message);
    return { status: message.statusCode ?? 0, message, bytes, text: bytes.toString() };
  }

  /** A bare connection to the control plane, for requests that no library would send. */
  connect(): Promise<Socket> {
    const socket = connect({ host: "127.0.0.1", port: this.house.port });
    return new Promise((resolve, reject) => {
      socket.once("connect", () => resolve(socket));
      socket.once("error", reject);
    });
  }

  /** A request's head for a bare connection. */
  head(method: string, path: string, lines: string[] = []): string {
    const { Host, Cookie } = this.headers;
    return [`${method} ${path} HTTP/1.1`, `Host: ${Host}`, `Cookie: ${Cookie}`, ...lines, "", ""].join("\r\n");
  }

  /** A browser's WebSocket to the app; the caller waits for it to open. */
  dial(path: string, protocols: string[] = []): WebSocket {
    const headers = { ...this.headers, Origin: this.origin };
    const address = `ws://127.0.0.1:${this.house.port}${path}`;
    return new WebSocket(address, protocols, { headers, maxPayload: BIG_MESSAGE_BYTES, perMessageDeflate: false });
  }

  async close(): Promise<void> {
    await this.house.close();
    this.#app.close();
  }
}

/** A started house with one app, which the test serves. The caller closes it. */
export async function openTunnel(): Promise<Tunnel> {
  const app = new App();
  const house = await openHouse();
  try {
    await house.api.addBlueprint("relay", relayTo(await app.listen()));
    const { id, url, port } = await house.api.install({ name: "relay", blueprint: "relay" });
    return new Tunnel(house, app, new URL(url).host, `127.0.0.1:${port}`, await house.api.grantFor(id));
  } catch (error) {
    await house.close();
    app.close();
    throw error;
  }
}

/** The answer's head, whatever its status. */
function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
}

/** All bytes of a message; throws when it breaks off. */
export async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The app's server, in the test's own process. */
class App {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: BIG_MESSAGE_BYTES, perMessageDeflate: false });
  readonly #listeners = new Map<string, RequestListener>();
  readonly #onSockets = new Map<string, (socket: WebSocket, request: IncomingMessage) => void>();
  #mounted = 0;

  constructor() {
    const options = {
      maxHeaderSize: BIG_HEADERS_BYTES,
      requestTimeout: 0,
      headersTimeout: 0,
      keepAliveTimeout: 60_000,
    };
    this.#server = createServer(options, (request, response) => {
      const listener = this.#listeners.get(mountOf(request));
      if (listener) listener(request, response);
      else response.end("ready");
    });
    this.#server.on("upgrade", (request, socket, head) => {
      const onSocket = this.#onSockets.get(mountOf(request));
      if (!onSocket) return void socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
      this.#sockets.handleUpgrade(request, socket, head, onSocket);
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  serve(listener: RequestListener): string {
    const path = this.#nextMount();
    this.#listeners.set(path, listener);
    return path;
  }

  serveSockets(onSocket: (socket: WebSocket, request: IncomingMessage) => void): string {
    const path = this.#nextMount();
    this.#onSockets.set(path, onSocket);
    return path;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #nextMount(): string {
    this.#mounted += 1;
    return `/at-${this.#mounted}/`;
  }
}

/** The first part of the path, slashes included. */
function mountOf({ url = "" }: IncomingMessage): string {
  return /^\/[^/?]*\//.exec(url)?.[0] ?? "";
}
