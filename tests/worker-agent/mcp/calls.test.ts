/** Calls of runs to tools of MCP servers: judged, made at most once, told in words (SPEC MC6, MC8). */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hashOfDefinition } from "@roundhouse/protocol/mcp-definition";
import { digestOfCall, ToolCallAnswer, type ToolCallRequest } from "@roundhouse/protocol/tool-call";
import { createTools, type Tools } from "../../../worker-agent/src/tools/tools.ts";
import { fakeFacts } from "../fake-facts.ts";
import { waitFor } from "../instances/harness.ts";
import { makeAgentHouse } from "../tools/agent.ts";
import { doneOf } from "../tools/house.ts";
import { atEnd, FIXTURE, type House, makeHouse, OPEN, wish } from "./house.ts";

async function callsOf(house: House) {
  let tools = await open();
  atEnd(() => tools.shutdown({ endKeepers: true }));

  async function open(): Promise<Tools> {
    const made = createTools({
      ...{ root: house.root, user: null, ceiling: null, keeperFile: FIXTURE, toolFile: FIXTURE },
      instances: { foldersOf: () => undefined, portsOf: () => [], observed: () => [] },
      stats: { latest: () => undefined },
      facts: async () => fakeFacts(),
      mcpServer: (id) => house.servers.find(id),
      log: (line) => house.lines.push(line),
    });
    made.applyDesired({
      type: "control.desired",
      portPool: { first: 1, last: 2 },
      instances: [],
      policy: house.state.policy,
      providers: [],
      mcpServers: [],
    });
    await made.begin();
    return made;
  }

  async function ask(method: string, id: string, body?: ToolCallRequest, waitMs = 20_000): Promise<ToolCallAnswer> {
    const init = body ? { method, body: JSON.stringify(body) } : { method };
    const response = await tools.fetch(new Request(`http://agent/tools/calls/${id}?waitMs=${waitMs}`, init));
    return ToolCallAnswer.parse(await response?.json());
  }

  return {
    ask,
    put: async (id: string, tool: string, args: object, changes: Changes = {}) =>
      ask("PUT", id, await requestOf(house, tool, args, changes), changes.waitMs),
    /** As after the end of the agent's process. */
    succeed: async () => {
      await tools.shutdown({ endKeepers: false });
      tools = await open();
    },
  };
}

type Changes = {
  waitMs?: number;
  pin?: string;
  isApproved?: boolean;
  approval?: ToolCallRequest["approval"];
  server?: string;
  name?: string;
};

async function requestOf(house: House, tool: string, args: object, changes: Changes = {}): Promise<ToolCallRequest> {
  const { server = "ms_1", name = "fixture", approval = null } = changes;
  const pin = changes.pin ?? (await pinOf(house, tool));
  if (changes.isApproved !== false) house.approve({ [tool]: pin });
  return {
    ...{ tool: `${name}/${tool}`, arguments: { ...args }, runId: "rn_1", approval },
    mcp: { server, tool, pin },
  };
}

async function pinOf(house: House, tool: string): Promise<string> {
  const found = (await house.listing()).tools.find(({ name }) => name === tool);
  return found ? hashOfDefinition(found) : "none";
}

const linesOf = async (path: string) => (await readFile(path, "utf8").catch(() => "")).split("\n").slice(0, -1);

it("[MC8] is made once, by whoever asks, and its answer stays, also with the next agent", async () => {
  const house = await makeHouse();
  house.want(wish());
  const calls = await callsOf(house);
  const path = join(house.tempDir, "lines");
  const args = { path, line: "a", waitMs: 300 };
  const [running, done] = await Promise.all([
    calls.put("c1", "append", args, { waitMs: 10 }),
    calls.put("c1", "append", args),
  ]);
  expect(running.state).toBe("running");
  expect(doneOf(done)).toMatchObject({ ok: true, content: "appended a", more: null, exitCode: null });
  expect(doneOf(done).durationMs).toBeGreaterThanOrEqual(290);
  await calls.succeed();
  expect(await calls.put("c1", "append", args)).toEqual(done);
  expect(await calls.ask("GET", "c1")).toEqual(done);
  expect(await calls.put("c1", "append", { ...args, line: "b" })).toMatchObject({ state: "refused", code: "id_taken" });
  expect(await linesOf(path)).toEqual(["a"]);
  expect(await readdir(house.root.effectsDir)).toEqual(["c1"]);
});

it("[MC8] says before it is sent that it begins; one that had begun is unknown to the next agent, for good", async () => {
  const house = await makeHouse();
  house.want(wish());
  const calls = await callsOf(house);
  const path = join(house.tempDir, "lines");
  const args = { path, line: "a", waitMs: 5_000 };
  await calls.put("c1", "append", args, { waitMs: 10 });
  await waitFor(async () => (await linesOf(path)).length === 1);
  const record = join(house.root.effectsDir, "c1.mcp.json");
  expect(JSON.parse(await readFile(record, "utf8"))).toMatchObject({ version: 1, tool: "append" });
  await calls.succeed();
  const answer = await calls.put("c1", "append", args);
  expect(answer).toMatchObject({ state: "unknown", message: expect.stringMatching(/was not run again/) });
  expect(existsSync(record)).toBe(false);
  expect(await linesOf(path)).toEqual(["a"]);
});

it("[MC8] is unknown where its server ends meanwhile, and its words are redacted", async () => {
  const house = await makeHouse();
  house.state.secrets = { VAULT: "canary-of-a-call" };
  house.want(wish({ env: [{ name: "TOKEN", secret: "VAULT" }] }));
  const calls = await callsOf(house);
  const answer = await calls.put("c1", "exit", { words: "canary-of-a-call" });
  expect(answer).toMatchObject({
    state: "unknown",
    message: expect.stringMatching(/"fixture" did not answer the call: It ended by itself .* \[secret\]\. It may have/),
  });
  expect(doneOf(await calls.put("c2", "variable", { name: "TOKEN" })).content).toBe("[secret]");
});

it("[MC8] that was never sent leaves its id unused", async () => {
  const house = await makeHouse();
  house.want(wish());
  const calls = await callsOf(house);
  const changed = await calls.put("c1", "self", {}, { pin: "another" });
  expect(changed).toMatchObject({ state: "refused", code: "definition_changed" });
  house.want(wish({ run: { kind: "command", command: "npx-of-nobody", args: [] } }));
  const failed = doneOf(await calls.put("c1", "self", {}, { pin: "x" }));
  expect(failed).toMatchObject({ ok: false, content: expect.stringMatching(/There is no program.*Install it/) });
  expect(await readdir(house.root.effectsDir)).toEqual([]);
  house.want(wish());
  expect(doneOf(await calls.put("c1", "self", {})).ok).toBe(true);
});

it("[MC6] is not made under a pin that the node was not told, or not any more", async () => {
  const house = await makeHouse();
  house.want(wish());
  const calls = await callsOf(house);
  const pin = await pinOf(house, "self");
  const refused = { state: "refused", code: "definition_changed" };
  expect(await calls.put("c1", "self", {}, { pin, isApproved: false })).toMatchObject(refused);
  expect(doneOf(await calls.put("c1", "self", {})).ok).toBe(true);
  house.want(wish());
  expect(await calls.put("c2", "self", {}, { pin, isApproved: false })).toMatchObject(refused);
});

it("[MC8] is cancelled: half done where it was sent, and never made where it was not", async () => {
  const house = await makeHouse();
  house.want(wish());
  const calls = await callsOf(house);
  const path = join(house.tempDir, "lines");
  const args = { path, line: "a", waitMs: 5_000 };
  await calls.put("c1", "append", args, { waitMs: 10 });
  await waitFor(async () => (await linesOf(path)).length === 1);
  const cancelled = await calls.ask("DELETE", "c1");
  expect(doneOf(cancelled)).toMatchObject({
    ok: false,
    content: expect.stringMatching(/Cancelled\. It may have been/),
  });
  expect(await calls.put("c1", "append", args)).toEqual(cancelled);
  expect(doneOf(await calls.ask("DELETE", "c2"))).toMatchObject({ ok: false });
  expect(doneOf(await calls.put("c2", "append", args))).toMatchObject({ ok: false });
  // While its server starts.
  house.want(
    wish({ run: { kind: "command", command: "sh", args: ["-c", `sleep 1; exec ${process.execPath} ${FIXTURE}`] } }),
  );
  const request = { ...(await requestOf(house, "append", args, { pin: "x" })) };
  const pending = calls.ask("PUT", "c3", request);
  expect(doneOf(await calls.ask("DELETE", "c3"))).toMatchObject({ ok: false });
  expect(doneOf(await pending)).toMatchObject({ ok: false });
  expect(await linesOf(path)).toEqual(["a"]);
});

it("[MC7] is judged by its qualified name and its arguments, by approval of exactly this call", async () => {
  const house = await makeHouse();
  house.state.policy = {
    ...OPEN,
    rules: [
      { tool: "fixture/variable", where: { name: "SECRET*" }, decision: "deny" },
      { tool: "fixture/variable", decision: "ask" },
    ],
  };
  house.want(wish());
  const calls = await callsOf(house);
  const pin = await pinOf(house, "variable");
  const denied = await calls.put("c1", "variable", { name: "SECRET_1" }, { pin });
  expect(denied).toMatchObject({ state: "refused", code: "denied" });
  const args = { name: "HOME" };
  expect(await calls.put("c1", "variable", args, { pin })).toMatchObject({ code: "needs_approval" });
  const approval = { id: "ap_1", digest: await digestOfCall({ tool: "fixture/variable", arguments: args }) };
  expect(doneOf(await calls.put("c1", "variable", args, { pin, approval })).content).toContain("ms_1");
  expect(await calls.put("c2", "variable", args, { pin, server: "ms_2" })).toMatchObject({ code: "unknown_tool" });
  expect(await calls.put("c2", "variable", args, { pin, name: "other" })).toMatchObject({ code: "unknown_tool" });
  house.state.policy = null;
  await calls.succeed();
  expect(await calls.put("c2", "self", {}, { pin })).toMatchObject({ code: "denied" });
});

it("[TC5] what a tool says went wrong is not ok", async () => {
  const house = await makeHouse();
  house.want(wish());
  const calls = await callsOf(house);
  expect(doneOf(await calls.put("c1", "fail", {}))).toMatchObject({ ok: false, content: "it went wrong" });
  const wrong = doneOf(await calls.put("c2", "variable", { nam: "x" }));
  expect(wrong).toMatchObject({ ok: false, content: expect.stringMatching(/name/) });
});

it("[MC8] a folder of an effect alone says that nothing was sent", async () => {
  const house = await makeHouse();
  house.want(wish());
  await mkdir(join(house.root.effectsDir, "c1"));
  await writeFile(join(house.root.effectsDir, "c2.mcp.json"), "torn");
  const calls = await callsOf(house);
  expect(await calls.ask("GET", "c2")).toMatchObject({ state: "unknown" });
  expect(doneOf(await calls.put("c1", "self", {}, { waitMs: 20_000 })).content).toMatch(/not run/);
}, 30_000);

it("[MC8] over kills of the whole agent each call reaches its server at most once, and its server ends with it", async () => {
  const agent = await makeAgentHouse();
  const path = join(agent.workspace, "lines");
  const definitions = await definitionsOf();
  agent.setMcpServers([wish({ args: ["--stays"], pins: definitions })]);
  await agent.start();
  const appended = (index: number): ToolCallRequest => ({
    ...{
      tool: "fixture/append",
      arguments: { path, line: `line-${index}`, waitMs: 100 },
      runId: "rn_1",
      approval: null,
    },
    mcp: { server: "ms_1", tool: "append", pin: definitions["append"] ?? "" },
  });
  const answers: string[] = [];
  for (let index = 0; index < 8; index += 1) {
    agent.send("PUT", `k-${index}`, appended(index));
    await new Promise((done) => setTimeout(done, index * 150));
    await agent.kill();
    await agent.start();
    let answer = await agent.send("PUT", `k-${index}`, appended(index), 1_000)();
    while (answer.state === "running") answer = await agent.send("PUT", `k-${index}`, appended(index), 1_000)();
    answers.push(answer.state === "done" && !answer.result.ok ? answer.result.content : answer.state);
  }
  const lines = await linesOf(path);
  expect(new Set(lines).size).toBe(lines.length);
  expect(new Set(answers.filter((one) => one !== "done" && one !== "unknown"))).toEqual(new Set());
  for (const [index, answer] of answers.entries()) if (answer === "done") expect(lines).toContain(`line-${index}`);
  expect(answers).toContain("done");
  await agent.close();
}, 120_000);

async function definitionsOf(): Promise<Record<string, string>> {
  const house = await makeHouse();
  house.want(wish());
  const { tools } = await house.listing();
  return Object.fromEntries(await Promise.all(tools.map(async (one) => [one.name, await hashOfDefinition(one)])));
}
