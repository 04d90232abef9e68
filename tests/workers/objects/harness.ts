/** The whole Worker in workerd with a migrated database: nodes, instances, opened apps, and the objects behind them. */
import {
  applyD1Migrations,
  type D1Migration,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { hashSecret, newId, newSecret } from "@roundhouse/protocol/ids";
import { type Database, openDatabase } from "../../../workers/db/database.ts";
import { nodes } from "../../../workers/db/nodes.ts";
import type { Env } from "../../../workers/env.ts";
import { SAVE_DELAY_MS } from "../../../workers/objects/node-hub/client-sockets.ts";
import type { NodeHub } from "../../../workers/objects/node-hub/durable-object.ts";
import { connect, type FakeAgent, observedOf } from "./fake-agent.ts";
import { ORIGIN, worker } from "./worker.ts";

export const PRESET_KEY = "preset-admin-key-for-tests-0123456789";

export const env = bindings as unknown as Env & { TEST_MIGRATIONS: D1Migration[] };
export const db: Database = openDatabase(env.DB);

export function migrate(): Promise<void> {
  return applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
}

export type TestNode = { id: string; key: string };

export async function makeNode(): Promise<TestNode> {
  const id = newId("node");
  const key = newSecret("nodeKey");
  await db.insert(nodes).values({
    id,
    name: id,
    keyHash: await hashSecret(key),
    labels: {},
    policy: { default: "ask", execCommand: false, rules: [] },
    policyCeiling: null,
    portFirst: 19001,
    portLast: 19020,
    unknownInstances: [],
    createdAt: new Date(),
  });
  return { id, key };
}

/** Lets a node's hub go from memory as hibernation does: what it still had to write is written. */
export async function hibernate(node: Parameters<typeof hubOf>[0]): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2 * SAVE_DELAY_MS));
  await evictDurableObject(hubOf(node));
}

export function hubOf(node: { id: string }): DurableObjectStub<NodeHub> {
  return env.NODE_HUB.getByName(node.id);
}

/** An API call with the preset key. */
export async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await worker.fetch(ORIGIN + path, {
    method,
    headers: {
      Authorization: `Bearer ${PRESET_KEY}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

let count = 0;

export function makeInstance(node: TestNode, extra: Record<string, unknown> = {}): Promise<Instance> {
  count += 1;
  const unique = `app ${count} ${node.id.slice(3, 9)}`;
  return api<Instance>("POST", "/api/instances", { name: unique, blueprint: "hello", node: node.id, ...extra });
}

export type TestApp = {
  node: TestNode;
  agent: FakeAgent;
  instance: Instance;
  origin: string;
  /** The grant cookie, as a browser sends it. */
  cookie: string;
  /** A request to the app's origin with its cookie, made by its own page. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** A WebSocket of the app's own page. */
  socket(path: string, protocols?: string): Promise<Response>;
};

export function originOf(instance: { slug: string }): string {
  return `http://${instance.slug}.apps.localhost:8787`;
}

/** A node whose agent reports one started app, opened in a browser. */
export async function makeApp(): Promise<TestApp> {
  const node = await makeNode();
  const instance = await makeInstance(node);
  const agent = await connect(node.key, { instances: [observedOf(instance.id)] });
  return openApp(node, agent, instance);
}

export async function openApp(node: TestNode, agent: FakeAgent, instance: Instance): Promise<TestApp> {
  const { url } = await api<{ url: string }>("POST", `/api/instances/${instance.id}/open`);
  const opened = await worker.fetch(url, { redirect: "manual" });
  const cookie = opened.headers
    .getSetCookie()
    .map((line) => line.split(";")[0] ?? "")
    .filter((pair) => !pair.endsWith("="))
    .join("; ");
  const origin = originOf(instance);
  const app: TestApp = {
    ...{ node, agent, instance, origin, cookie },
    fetch: (path, init = {}) => {
      const headers = new Headers(init.headers);
      if (!headers.has("Cookie")) headers.set("Cookie", cookie);
      return worker.fetch(origin + path, { redirect: "manual", ...init, headers });
    },
    socket: (path, protocols) =>
      app.fetch(path, {
        headers: {
          Upgrade: "websocket",
          Origin: origin,
          ...(protocols === undefined ? {} : { "Sec-WebSocket-Protocol": protocols }),
        },
      }),
  };
  return app;
}

/** What D1 says of a node. */
export async function nodeRow(node: { id: string }) {
  const row = await db.query.nodes.findFirst({ where: (table, { eq }) => eq(table.id, node.id) });
  if (!row) throw new Error(`no row for ${node.id}`);
  return row;
}

export function instanceRow(id: string) {
  return db.query.instances.findFirst({ where: (table, { eq }) => eq(table.id, id) });
}

/** Runs what the hub has planned for later, now: everything due or only named tasks. */
export async function runTasks(node: { id: string }, ...names: string[]): Promise<void> {
  await runInDurableObject(hubOf(node), (_hub, state) => {
    for (const name of names) state.storage.sql.exec(`UPDATE schedule SET at = 1 WHERE name = ?`, name);
  });
  await runDurableObjectAlarm(hubOf(node));
}

export async function planned(node: { id: string }): Promise<string[]> {
  return runInDurableObject(hubOf(node), (_hub, state) =>
    state.storage.sql
      .exec<{ name: string }>(`SELECT name FROM schedule ORDER BY name`)
      .toArray()
      .map((row) => row.name),
  );
}

/** Makes the hub believe that its agents' sockets were opened this long ago. */
export async function ageLink(node: { id: string }, ms: number): Promise<void> {
  await runInDurableObject(hubOf(node), (hub) => {
    for (const connection of hub.getConnections<{ connectedAt: number }>("agent")) {
      if (connection.state) connection.setState({ ...connection.state, connectedAt: Date.now() - ms });
    }
  });
}

/** Waits until `look` stops throwing. */
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
