/** HTTP and WebSockets to a house by any host name: names below localhost do not resolve everywhere, so the address is given. */
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request as startRequest } from "node:http";
import WebSocket from "ws";

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

export type Ask = {
  port: number;
  /** The name in the Host header, without the port. */
  host?: string;
  method?: string;
  path?: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer;
  /** More of the body is announced, and never comes: the answer must be there without it. */
  unfinished?: boolean;
  limitMs?: number;
};

/** Answers with any status; throws when there is no answer at all. */
export function ask(options: Ask): Promise<Answer> {
  const { port, host = "localhost", method = "GET", path = "/", headers = {}, body, limitMs = 15_000 } = options;
  return new Promise((resolve, reject) => {
    const request = startRequest(
      {
        ...{ host: "127.0.0.1", port, method, path, agent: false },
        headers: { Host: `${host}:${port}`, ...headers },
        signal: AbortSignal.timeout(limitMs),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          if (options.unfinished) request.destroy();
        });
      },
    );
    request.on("error", reject);
    if (!options.unfinished) request.end(body);
    else if (body === undefined) request.flushHeaders();
    else request.write(body);
  });
}

/** Opens a WebSocket; throws with the status when it is refused. */
export function openSocket(options: Pick<Ask, "port" | "host" | "path" | "headers">): Promise<WebSocket> {
  const { port, host = "localhost", path = "/", headers = {} } = options;
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    headers: { Host: `${host}:${port}`, ...(headers as Record<string, string>) },
    handshakeTimeout: 10_000,
  });
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve(socket));
    socket.on("unexpected-response", (_, response) => {
      response.resume();
      reject(new Error(`refused with ${response.statusCode}`));
    });
    socket.on("error", reject);
  });
}
