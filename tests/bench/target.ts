/** Where a load goes: an app through its URL, or the same app at its own port. */
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as startRequest,
  type RequestOptions,
} from "node:http";
import type { Instance } from "@roundhouse/protocol/api";
import type { House } from "../e2e/house.ts";

export type Target = { port: number; headers: Record<string, string> };
/** The two ways to one app. */
export type Ways = { through: Target; direct: Target };

export async function waysTo(house: House, instance: Instance): Promise<Ways> {
  const { host, origin } = new URL(instance.url);
  const cookie = await house.api.grantFor(instance.id);
  return {
    through: { port: house.port, headers: { Host: host, Origin: origin, Cookie: cookie } },
    direct: { port: instance.port ?? 0, headers: {} },
  };
}

export function keepAliveAgent(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}

/** Sends a request; `send` writes its body and ends it. Rejects unless the answer is 200. */
export function exchange(
  target: Target,
  options: Pick<RequestOptions, "method" | "path" | "agent">,
  send: (request: ClientRequest) => void,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { port, headers } = target;
    const request = startRequest({ host: "127.0.0.1", port, headers, ...options }, (response) => {
      if (response.statusCode === 200) resolve(response);
      else reject(new Error(`${options.path} was answered with ${response.statusCode}`));
    });
    request.on("error", reject);
    send(request);
  });
}

/** Reads an answer to its end and counts. */
export function countBytes(response: IncomingMessage): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    response.on("data", (chunk: Buffer) => (bytes += chunk.length));
    response.on("end", () => resolve(bytes));
    response.on("error", reject);
  });
}
