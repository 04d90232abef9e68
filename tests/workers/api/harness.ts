/** The API in workerd with a migrated database, hubs that only remember what they were asked, and people of every role. */
import { applyD1Migrations, createExecutionContext, type D1Migration, waitOnExecutionContext } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import type { Role } from "@roundhouse/protocol/api/common";
import { base64url, hashSecret } from "@roundhouse/protocol/ids";
import { createApi } from "../../../workers/api/index.ts";
import { type Database, openDatabase } from "../../../workers/db/database.ts";
import type { Env } from "../../../workers/env.ts";
import { localKey } from "../../../workers/people/derived-keys.ts";

export const ORIGIN = "http://localhost:8787";
export const PRESET_KEY = "preset-admin-key-for-tests-0123456789";
/** The package that the assets name. */
export const AGENT_FILE = "worker-agent-0.1.0-0123abcd.tgz";

/** What was asked of the objects, as `name method argument`. */
export type Calls = { object: string; method: string; argument: unknown }[];
/** The answer of a node's agent to `/agent/…`; undefined means the link is down. */
export type Agent = (url: URL, request: Request) => Response | undefined | Promise<Response>;

export type Harness = {
  env: Env;
  db: Database;
  calls: Calls;
  agent: { answer: Agent };
  /** Sends a request; `as` is a bearer. */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
};
export type SendOptions = { as?: string; body?: unknown; headers?: Record<string, string>; raw?: BodyInit };
// The tests look at answers of every shape; what is asserted is written in the tests.
export type Answer = { status: number; headers: Headers; body: Record<string, never> & AnswerBody; text: string };
type AnswerBody = {
  id: string;
  key: string;
  token: string;
  url: string;
  proof: string;
  cursor: string | null;
  items: Record<string, unknown>[];
  user: { id: string; email: string; role: Role; hasPassword: boolean };
  link: { url: string };
  error: { code: string; message: string; hint?: string; details?: unknown };
};

export async function makeHarness(): Promise<Harness> {
  const real = bindings as unknown as Env & { TEST_MIGRATIONS: D1Migration[] };
  await applyD1Migrations(real.DB, real.TEST_MIGRATIONS);
  const calls: Calls = [];
  const agent = { answer: (() => undefined) as Agent };
  const objects = { SCHEDULER: fakeScheduler(calls), JOB_RUN: fakeRuns(calls) };
  const nodes = { NODE_HUB: fakeHubs(calls, agent), LIVE_FEED: fakeFeed(calls) };
  const env: Env = { ...real, ASSETS: fakeAssets(), ...nodes, ...objects };
  const api = createApi();
  const send: Harness["send"] = async (method, path, { as, body, headers, raw } = {}) => {
    const init: RequestInit = {
      method,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    };
    if (raw !== undefined || body !== undefined) init.body = raw ?? JSON.stringify(body);
    const request = new Request(ORIGIN + path, init);
    const ctx = createExecutionContext();
    const response = await api.fetch(request, env, ctx);
    const text = await response.text();
    await waitOnExecutionContext(ctx);
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : {}, text };
  };
  return { env, db: openDatabase(env.DB), calls, agent, send };
}

function fakeAssets(): Fetcher {
  const files: Record<string, string> = { "/agent/SHASUMS256.txt": `${"0123abcd".repeat(8)}  ${AGENT_FILE}\n` };
  const find = async (url: string) => new Response(files[new URL(url).pathname]);
  return { fetch: find } as unknown as Fetcher;
}

function fakeHubs(calls: Calls, agent: { answer: Agent }): Env["NODE_HUB"] {
  const getByName = (name: string) => ({
    poke: async () => void calls.push({ object: name, method: "poke", argument: undefined }),
    remove: async () => void calls.push({ object: name, method: "remove", argument: undefined }),
    revoke: async (argument: unknown) => void calls.push({ object: name, method: "revoke", argument }),
    checkLink: async () => ({ online: true, lastSeenAt: null }),
    issueTicket: async (argument: unknown) => {
      calls.push({ object: name, method: "issueTicket", argument });
      return "rht_ticket";
    },
    fetch: async (request: Request) => agent.answer(new URL(request.url), request) ?? noLink(),
  });
  return { getByName } as unknown as Env["NODE_HUB"];
}

/** What a hub says whose link is down. */
function noLink(): Response {
  return Response.json({ message: "no link" }, { status: 503, headers: { "x-roundhouse-state": "fault link_lost" } });
}

function fakeFeed(calls: Calls): Env["LIVE_FEED"] {
  const getByName = (name: string) => ({
    publish: async (argument: unknown) => void calls.push({ object: name, method: "publish", argument }),
    revoke: async (argument: unknown) => void calls.push({ object: name, method: "revoke", argument }),
  });
  return { getByName } as unknown as Env["LIVE_FEED"];
}

function fakeScheduler(calls: Calls): Env["SCHEDULER"] {
  const getByName = (name: string) => ({
    poke: async () => void calls.push({ object: name, method: "poke", argument: undefined }),
    admit: async (argument: unknown) => void calls.push({ object: name, method: "admit", argument }),
    ended: async (argument: unknown) => void calls.push({ object: name, method: "ended", argument }),
  });
  return { getByName } as unknown as Env["SCHEDULER"];
}

function fakeRuns(calls: Calls): Env["JOB_RUN"] {
  const getByName = (name: string) => ({
    begin: async () => void calls.push({ object: name, method: "begin", argument: undefined }),
    cancel: async (argument: unknown) => void calls.push({ object: name, method: "cancel", argument }),
    decided: async () => void calls.push({ object: name, method: "decided", argument: undefined }),
    steps: async () => [{ kind: "note", seq: 1, turn: 0, startedAt: NOTED_AT, endedAt: NOTED_AT, text: name }],
  });
  return { getByName } as unknown as Env["JOB_RUN"];
}
const NOTED_AT = "2026-01-01T00:00:00.000Z";

export type Session = { cookie: string; proof: string; userId: string; headers: Record<string, string> };

/** Signs in and answers what a browser would send from then on. */
export async function signInWith(h: Harness, body: unknown): Promise<Session> {
  const answer = await h.send("POST", "/api/session", { body });
  if (answer.status !== 201) throw new Error(`sign-in: ${answer.text}`);
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const { proof, user } = answer.body;
  return { cookie, proof, userId: user.id, headers: { cookie, "x-roundhouse-proof": proof, origin: ORIGIN } };
}

export function tokenOf(url: string): string {
  return new URL(url).hash.replace("#token=", "");
}

export async function signInOwner(h: Harness): Promise<Session> {
  const link = await h.send("POST", "/api/local/sign-in-link", { as: await localKey(h.env) });
  return signInWith(h, { token: tokenOf(link.body.url) });
}

export async function makeKey(
  h: Harness,
  role: Role,
  extra: Record<string, unknown> = {},
): Promise<{ id: string; key: string }> {
  const made = await h.send("POST", "/api/keys", { as: PRESET_KEY, body: { name: `${role} key`, role, ...extra } });
  return made.body;
}

let count = 0;

/** Joins a node the way an agent does and marks it online. */
export async function joinNode(
  h: Harness,
  name = `box ${(count += 1)}`,
): Promise<{ id: string; key: string; name: string }> {
  const made = await h.send("POST", "/api/join-tokens", { as: PRESET_KEY, body: {} });
  const key = `rhn_${base64url(crypto.getRandomValues(new Uint8Array(32)))}`;
  const joined = await h.send("POST", "/api/join", {
    as: made.body.token,
    body: { keyHash: await hashSecret(key), name },
  });
  if (joined.status !== 201) throw new Error(joined.text);
  await h.env.DB.prepare("UPDATE nodes SET online = 1 WHERE id = ?").bind(joined.body.id).run();
  return { id: joined.body.id, key, name };
}

export async function makeInstance(h: Harness, node: string, extra: Record<string, unknown> = {}): Promise<string> {
  const body = { name: `app ${(count += 1)}`, blueprint: "hello", node, ...extra };
  const made = await h.send("POST", "/api/instances", { as: PRESET_KEY, body });
  if (made.status !== 201) throw new Error(made.text);
  return made.body.id;
}
