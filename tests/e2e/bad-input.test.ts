/** Bad input through the real API: a clear error with its code and a hint, and nothing half-made left behind. */
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Joined, NewJoinToken } from "@roundhouse/protocol/api/join";
import { errorOf } from "./api.ts";
import { FAILS_ON_LINE_3, WITHOUT_HEADER } from "./blueprints.ts";
import { type House, openHouse } from "./house.ts";
import { type Answer, ask } from "./http.ts";

const MIB = 1024 * 1024;

let house: House;
let before: unknown;

beforeAll(async () => {
  house = await openHouse();
  await house.api.install({ name: "first" });
  before = await inventory();
});
afterAll(() => house?.close());
afterEach(async () => {
  expect(await inventory()).toEqual(before);
});

/** All that could be left half-made: rows, and folders on the node. */
async function inventory() {
  const { api, nodeData } = house;
  return {
    nodes: (await api.nodes()).map(({ id }) => id),
    blueprints: (await api.blueprints()).map(({ id }) => id),
    instances: (await api.instances()).map(({ id, status, port }) => ({ id, status, port })),
    folders: (await readdir(join(nodeData, "instances"))).toSorted(),
    states: (await readdir(join(nodeData, "state"))).toSorted(),
  };
}

function expectError(answer: Answer, status: number, code: string): void {
  const error = errorOf(answer);
  expect({ status: answer.status, code: error.code }).toEqual({ status, code });
  expect(error.message).toMatch(/\w/);
  expect(error.hint, `a hint beside “${error.message}”`).toMatch(/\w/);
}

async function create(wish: Record<string, unknown>): Promise<Answer> {
  const [node] = await house.api.nodes();
  const input = { name: "second", blueprint: "hello", node: node?.id, start: true, ...wish };
  return house.api.call("POST", "/api/instances", input);
}

test("a taken name is refused", async () => {
  expectError(await create({ name: "first" }), 409, "name_taken");
});

test("an unknown blueprint and an unknown node are refused", async () => {
  expectError(await create({ blueprint: "no-such-thing" }), 400, "unknown_blueprint");
  expectError(await create({ node: "nd_nowhere" }), 400, "unknown_node");
});

test.each([0, 80, 8787, 65_536, 1.5, "many"])("port %s is refused", async (port) => {
  const answer = await create({ port });
  expect(answer.status).toBe(400);
  expect(["port_out_of_range", "invalid_input"]).toContain(errorOf(answer).code);
  expect(errorOf(answer).hint).toMatch(/\w/);
  expect(JSON.stringify(errorOf(answer))).toMatch(/port/i);
});

test("the port of another instance is refused", async () => {
  const [first] = await house.api.instances();
  expectError(await create({ port: first?.port }), 409, "port_taken");
});

test("a port that a stranger listens on makes a start fail with the reason", async () => {
  const { port, stranger } = await takePort();
  const answer = await create({ port });
  expect(answer.status).toBe(201);
  const { id } = JSON.parse(answer.text) as Instance;
  const { value } = await house.api.untilStatus(id, "error");
  expect(value.reason).toMatchObject({ code: "port_in_use" });
  expect(value.reason?.message).toContain(String(port));
  expect(value.reason?.hint).toMatch(/\w/);
  stranger.close();
  await house.api.start(id);
  await house.api.untilStatus(id, "started");
  await house.api.remove(id);
});

test("a bad, a used-up and a revoked join token are refused", async () => {
  expectError(await joinWith("rhj_nonsense", "A"), 401, "join_token_invalid");
  const { id, token } = await house.api.post<NewJoinToken>("/api/join-tokens", { uses: 1 });
  const joined = await joinWith(token, "A");
  expect(joined.status).toBe(201);
  expect((await joinWith(token, "A")).text).toBe(joined.text);
  expectError(await joinWith(token, "B"), 401, "join_token_used");
  const revoked = await house.api.post<NewJoinToken>("/api/join-tokens", { uses: 1 });
  await house.api.delete(`/api/join-tokens/${revoked.id}`);
  expectError(await joinWith(revoked.token, "B"), 401, "join_token_invalid");
  await house.api.delete(`/api/join-tokens/${id}`);
  await house.api.delete(`/api/nodes/${(JSON.parse(joined.text) as Joined).id}`);
});

test("malformed JSON is refused, and so is JSON of another shape", async () => {
  expectError(await house.api.call("POST", "/api/instances", '{"name": "x", '), 400, "bad_json");
  expectError(await house.api.call("POST", "/api/blueprints", "[]"), 400, "invalid_input");
});

test("a JSON body that is announced with 20 MB is refused before it comes", async () => {
  const headers = { "Content-Length": 20 * MIB };
  const answer = await house.api.call("POST", "/api/instances", undefined, { headers, unfinished: true });
  expectError(answer, 413, "body_too_large");
});

test("a JSON body of unknown length is refused as soon as it is too large", async () => {
  const headers = { "Transfer-Encoding": "chunked" };
  const beginning = JSON.stringify({ name: "x".repeat(MIB) });
  const answer = await house.api.call("POST", "/api/instances", beginning, { headers, unfinished: true });
  expectError(answer, 413, "body_too_large");
});

test("who sends a JSON body of 20 MB without looking is refused or cut off, and others are served", async () => {
  const body = JSON.stringify({ name: "x".repeat(20 * MIB) });
  // The answer comes before the body was read; one who is still sending may find the connection reset (RFC 9112 §9.6).
  const answer = await house.api.call("POST", "/api/instances", body).catch(onReset);
  if (answer) expectError(answer, 413, "body_too_large");
  expect((await ask({ port: house.port, path: "/health" })).status).toBe(200);
});

test("a blueprint without metadata is refused", async () => {
  const input = { name: "bare", kind: "bash", source: WITHOUT_HEADER };
  expectError(await house.api.call("POST", "/api/blueprints", input), 400, "blueprint_without_metadata");
});

test("a script that fails on line 3 ends in error, with its exit code and last lines", async () => {
  const blueprint = await house.api.addBlueprint("fails", FAILS_ON_LINE_3);
  const { id } = await house.api.create({ name: "failing", blueprint: "fails" });
  const { value } = await house.api.untilStatus(id, "error");
  expect(value).toMatchObject({ exitCode: 7, signal: null, reason: { code: "exited" } });
  expect(value.lastLines.join("\n")).toMatch(/about to fail[^]*this\/is\/not\/there/);
  expect(await house.api.log(id)).toContain("about to fail");
  await house.api.remove(id);
  await house.api.delete(`/api/blueprints/${blueprint.id}`);
});

test("a worker agent with a token that is no token says so and ends", async () => {
  const agent = join(import.meta.dirname, "../../worker-agent/dist/agent.mjs");
  const child = spawn(process.execPath, [agent, "--data", join(house.data, "stray"), "--token", "rubbish"]);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => child.on("exit", resolve));
  expect(code).not.toBe(0);
  expect(said).toMatch(/token/);
});

function onReset(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ECONNRESET" && error.code !== "EPIPE") throw error;
}

/** Joins as a node whose key hash consists of one letter. */
function joinWith(token: string, letter: string): Promise<Answer> {
  return ask({
    port: house.port,
    method: "POST",
    path: "/api/join",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ keyHash: letter.repeat(43), name: `node ${letter}` }),
  });
}

/** Listens, as a stranger, on the last free port that the node may give. */
async function takePort(): Promise<{ port: number; stranger: Server }> {
  const { first, last } = (await house.api.nodes())[0]!.portPool;
  for (let port = last; port >= first; port--) {
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (isFree) return { port, stranger: server };
  }
  throw new Error(`no port from ${first} to ${last} is free`);
}
