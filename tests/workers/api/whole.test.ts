import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { Instance, Opened } from "@roundhouse/protocol/api/instance";
import { Joined, NewJoinToken } from "@roundhouse/protocol/api/join";
import { Node } from "@roundhouse/protocol/api/node";
import { NewApiKey } from "@roundhouse/protocol/api/person";
import { ErrorBody } from "@roundhouse/protocol/errors";
import { base64url, hashSecret } from "@roundhouse/protocol/ids";
import * as z from "zod";
import { ORIGIN, PRESET_KEY } from "./harness.ts";

/** Asks the whole Worker with its real objects, and holds every answer against its schema. */
async function send(method: string, path: string, bearer = PRESET_KEY, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
  const init: RequestInit = { method, headers };
  if (body !== undefined) init.body = JSON.stringify(body);
  const main = exports as unknown as { default: Fetcher };
  return main.default.fetch(new Request(ORIGIN + path, init));
}

async function read<T>(schema: z.ZodType<T>, status: number, answer: Promise<Response>): Promise<T> {
  const response = await answer;
  const text = await response.text();
  expect(`${response.status} ${text}`).toMatch(new RegExp(`^${status} `));
  return schema.parse(text === "" ? undefined : JSON.parse(text));
}
const gone = z.undefined();

beforeAll(async () => {
  const bindings = env as unknown as { DB: D1Database; TEST_MIGRATIONS: D1Migration[] };
  await applyD1Migrations(bindings.DB, bindings.TEST_MIGRATIONS);
});

it("a machine joins, an app is created, started, opened and deleted, and the machine is removed", async () => {
  const { token } = await read(NewJoinToken, 201, send("POST", "/api/join-tokens", PRESET_KEY, {}));
  const keyHash = await hashSecret(base64url(crypto.getRandomValues(new Uint8Array(32))));
  const { id: nodeId } = await read(Joined, 201, send("POST", "/api/join", token, { keyHash, name: "attic" }));
  const node = await read(Node, 200, send("GET", `/api/nodes/${nodeId}`));
  expect(node).toMatchObject({ status: "offline", portPool: { first: 19001, last: 19020 } });
  const input = { name: "Hello", blueprint: "hello", node: "attic", start: true };
  const made = await read(Instance, 201, send("POST", "/api/instances", PRESET_KEY, input));
  expect(made.status).toBe("unreachable");
  const path = `/api/instances/${made.id}`;
  await read(Instance, 202, send("POST", `${path}/stop`));
  const { url } = await read(Opened, 200, send("POST", `${path}/open`));
  expect(url).toMatch(/^http:\/\/hello\.apps\.localhost:8787\/__roundhouse\/open\?ticket=[\w.-]{40,}$/);
  const offline = await read(ErrorBody, 503, send("GET", `${path}/logs`));
  expect(offline.error.code).toBe("node_offline");
  const deleted = await read(Instance, 202, send("DELETE", path, PRESET_KEY, { mode: "permanent" }));
  expect(deleted.desired).toBe("deleted");
  const key = await read(NewApiKey, 201, send("POST", "/api/keys", PRESET_KEY, { name: "ci", role: "viewer" }));
  await read(gone, 204, send("DELETE", `/api/keys/${key.id}`));
  await read(gone, 204, send("DELETE", `/api/nodes/${nodeId}`));
  await read(ErrorBody, 404, send("GET", path));
});

it("odd paths are answered with an error, never with a crash", async () => {
  const paths = ["/api/nodes/%zz", "/api/nodes/%00", "/api/", `/api/nodes/${"x".repeat(5000)}`, "/api/nodes/__proto__"];
  for (const path of paths) {
    const response = await send("GET", path);
    expect([400, 404]).toContain(response.status);
    expect(ErrorBody.parse(await response.json()).error.code).toBeTruthy();
  }
});
