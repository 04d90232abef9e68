/** People's browsers and programs at the dashboard's sockets and API. */
import type { FeedEvent } from "@roundhouse/protocol/events";
import type { Role } from "@roundhouse/protocol/api/common";
import { localKey } from "../../../workers/people/derived-keys.ts";
import type { FakeAgent } from "../objects/fake-agent.ts";
import { api, env, type TestApp } from "../objects/harness.ts";
import { Inbox } from "../objects/inbox.ts";
import { ORIGIN, worker } from "../objects/worker.ts";

export type TestSession = { cookie: string; proof: string; userId: string };

/** The first person of the deployment, as the printed link makes one. */
export async function signIn(): Promise<TestSession> {
  const made = await worker.fetch(`${ORIGIN}/api/local/sign-in-link`, {
    method: "POST",
    headers: { Authorization: `Bearer ${await localKey(env)}` },
  });
  return follow((await made.json<{ url: string }>()).url);
}

/** Somebody who was invited and followed the link. */
export async function signInAs(role: Role): Promise<TestSession> {
  const email = `${crypto.randomUUID()}@example.com`;
  const { link } = await api<{ link: { url: string } }>("POST", "/api/users", { name: role, email, role });
  return follow(link.url);
}

async function follow(url: string): Promise<TestSession> {
  const answer = await worker.fetch(`${ORIGIN}/api/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: ORIGIN },
    body: JSON.stringify({ token: new URL(url).hash.replace("#token=", "") }),
  });
  const { proof, user } = await answer.json<{ proof: string; user: { id: string } }>();
  return { cookie: answer.headers.get("set-cookie")?.split(";")[0] ?? "", proof, userId: user.id };
}

/** What a browser sends when it opens a socket for this session. */
export function socketHeaders({ cookie, proof }: TestSession): Record<string, string> {
  return { Cookie: cookie, Origin: ORIGIN, "Sec-WebSocket-Protocol": `roundhouse.v1, proof.${proof}` };
}

/** What it sends with a call of the API. */
export function callHeaders({ cookie, proof }: TestSession): Record<string, string> {
  return { Cookie: cookie, Origin: ORIGIN, "x-roundhouse-proof": proof };
}

export function dial(path: string, headers: Record<string, string>): Promise<Response> {
  return worker.fetch(ORIGIN + path, { headers: { Upgrade: "websocket", ...headers } });
}

/** A socket to the agent's services that it agreed to. */
export async function dialAgent(agent: FakeAgent, path: string, headers: Record<string, string>, protocol?: string) {
  const answer = dial(path, headers);
  const { stream, head } = await agent.nextFrame("open");
  const answered: [string, string][] = protocol === undefined ? [] : [["sec-websocket-protocol", protocol]];
  agent.frame({ type: "head", stream, head: { status: 101, headers: answered } });
  return { response: await answer, stream, head };
}

/** The client's end of an accepted socket. */
export class Feed {
  readonly #inbox = new Inbox<string | ArrayBuffer>();
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  constructor(response: Response) {
    if (!response.webSocket) throw new Error(`no socket, but ${response.status}`);
    this.socket = response.webSocket;
    this.socket.binaryType = "arraybuffer";
    this.socket.addEventListener("message", ({ data }) => this.#inbox.put(data as string | ArrayBuffer));
    this.closed = new Promise((resolve) => this.socket.addEventListener("close", ({ code }) => resolve(code)));
    this.socket.accept();
  }
  next(): Promise<string | ArrayBuffer> {
    return this.#inbox.take("a message", () => true);
  }
  /** The next text message that holds these words. */
  async saying(words: string): Promise<string> {
    const message = await this.#inbox.take(words, (data) => typeof data === "string" && data.includes(words));
    return typeof message === "string" ? message : "";
  }
  async event(words: string): Promise<FeedEvent> {
    return JSON.parse(await this.saying(words)) as FeedEvent;
  }
}

/** A response and a WebSocket of an app that stay open; `ended` says how each of them ended. */
export async function holdAppOpen(
  { agent, origin }: Pick<TestApp, "agent" | "origin">,
  fetch: (path: string, headers?: Record<string, string>) => Promise<Response>,
) {
  const reading = fetch("/stream");
  const http = await agent.nextFrame("open");
  agent.frame({ type: "head", stream: http.stream, head: { status: 200, headers: [] } });
  const body = (await reading).text().then(
    () => "whole",
    () => "broken off",
  );
  const upgrade = fetch("/ws", { Upgrade: "websocket", Origin: origin });
  const { stream } = await agent.nextFrame("open");
  agent.frame({ type: "head", stream, head: { status: 101, headers: [] } });
  const socket = new Feed(await upgrade);
  return { socket, ended: Promise.all([socket.closed, body]), streams: [http.stream, stream] };
}
