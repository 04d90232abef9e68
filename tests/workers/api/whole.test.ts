import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import type { Instance, Joined, NewApiKey, NewJoinToken, Node, Opened } from "@roundhouse/protocol/api";
import { base64url, hashSecret } from "@roundhouse/protocol/ids";
import { ORIGIN, PRESET_KEY } from "./harness.ts";

/** The whole Worker with its real objects. */
async function send<T>(
  method: string,
  path: string,
  bearer: string,
  body?: unknown,
): Promise<{ status: number; body: T }> {
  const init: RequestInit = {
    method,
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
  };
  if (body !== undefined) init.body = JSON.stringify(body);
  const main = exports as unknown as { default: Fetcher };
  const response = await main.default.fetch(new Request(ORIGIN + path, init));
  const text = await response.text();
  return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as T };
}

beforeAll(async () => {
  const bindings = env as unknown as { DB: D1Database; TEST_MIGRATIONS: D1Migration[] };
  await applyD1Migrations(bindings.DB, bindings.TEST_MIGRATIONS);
});

it("a machine joins, an app is created, started, opened and deleted, and the machine is removed", async () => {
  const token = await send<NewJoinToken>("POST", "/api/join-tokens", PRESET_KEY, {});
  const keyHash = await hashSecret(base64url(crypto.getRandomValues(new Uint8Array(32))));
  const joined = await send<Joined>("POST", "/api/join", token.body.token, { keyHash, name: "attic" });
  expect([joined.status, joined.body.name]).toEqual([201, "attic"]);
  const node = await send<Node>("GET", `/api/nodes/${joined.body.id}`, PRESET_KEY);
  expect(node.body).toMatchObject({ status: "offline", portPool: { first: 19001, last: 19020 } });
  const input = { name: "Hello", blueprint: "hello", node: "attic", start: true };
  const made = await send<Instance>("POST", "/api/instances", PRESET_KEY, input);
  expect([made.status, made.body.status]).toEqual([201, "unreachable"]);
  const path = `/api/instances/${made.body.id}`;
  expect((await send<Instance>("POST", `${path}/stop`, PRESET_KEY)).status).toBe(202);
  const opened = await send<Opened>("POST", `${path}/open`, PRESET_KEY);
  expect(opened.body.url).toMatch(/^http:\/\/hello\.apps\.localhost:8787\/__roundhouse\/open\?ticket=[\w.-]{40,}$/);
  expect(await send("GET", `${path}/logs`, PRESET_KEY)).toMatchObject({
    status: 503,
    body: { error: { code: "node_offline" } },
  });
  expect((await send<Instance>("DELETE", path, PRESET_KEY, { mode: "permanent" })).body.desired).toBe("deleted");
  const key = await send<NewApiKey>("POST", "/api/keys", PRESET_KEY, { name: "ci", role: "viewer" });
  expect((await send("DELETE", `/api/keys/${key.body.id}`, PRESET_KEY)).status).toBe(204);
  expect((await send("DELETE", `/api/nodes/${joined.body.id}`, PRESET_KEY)).status).toBe(204);
  expect((await send("GET", path, PRESET_KEY)).status).toBe(404);
});

it("odd paths are answered with an error, never with a crash", async () => {
  for (const path of [
    "/api/nodes/%zz",
    "/api/nodes/%00",
    "/api/",
    `/api/nodes/${"x".repeat(5000)}`,
    "/api/nodes/__proto__",
  ]) {
    const { status, body } = await send<{ error: { code: string } }>("GET", path, PRESET_KEY);
    expect([400, 404]).toContain(status);
    expect(body.error.code).toBeTruthy();
  }
});
