/** The control plane as an MCP server, to programs that others wrote: clients of both generations, and the Inspector. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ApiKey, NewApiKey } from "@roundhouse/protocol/api/person";
import type { AuditEntry } from "@roundhouse/protocol/api/audit";
import type { Run } from "@roundhouse/protocol/api/run";
import { type House, openHouse } from "./house.ts";
import { ask } from "./http.ts";
import { Jobs, OPEN_POLICY } from "./jobs.ts";
import { inspect } from "./mcp/inspector.ts";
import { type McpClient, openFirst, openNewest } from "./mcp-clients.ts";
import { type Reply, ScriptedModel } from "./scripted-model.ts";
import { until } from "./until.ts";

const root = join(import.meta.dirname, "../..");

let house: House;
let jobs: Jobs;
let model: ScriptedModel;
let operator: NewApiKey;

beforeAll(async () => {
  house = await openHouse();
  jobs = new Jobs(house);
  model = await ScriptedModel.open(() => ({ text: "nothing to do" }));
  await jobs.provider("scripted", model);
  operator = await makeKey("operator");
});
beforeEach(() => jobs.setPolicy(OPEN_POLICY));
afterAll(async () => {
  model?.close();
  await house?.close();
});

const makeKey = (role: ApiKey["role"]) => house.api.post<NewApiKey>("/api/keys", { name: `mcp ${role}`, role });
const mcpUrl = () => `${house.url}/mcp`;

async function audited(entityId: string): Promise<string[]> {
  const { items } = await house.api.get<{ items: AuditEntry[] }>(`/api/audit?entityId=${entityId}`);
  return items
    .filter(({ detail }) => detail?.includes("via: mcp"))
    .map(({ action, actor }) => `${action} by ${actor.name}`);
}

function follow(...replies: Reply[]): void {
  model.follow((_, turn) => replies[Math.min(turn, replies.length - 1)]!);
}

const GENERATIONS = [
  { name: "the newest client", open: openNewest, version: "2026-07-28" },
  { name: "a client of 2025", open: openFirst, version: "2025-11-25" },
];

describe.each(GENERATIONS)("$name", ({ name, open, version }) => {
  let client: McpClient;
  beforeAll(async () => {
    client = await open(mcpUrl(), operator.key);
    // From here on it checks every answer against its tool's schema.
    await client.tools();
  });
  afterAll(() => client?.close());

  const call = async (tool: string, args?: Record<string, unknown>, told?: (message: string) => void) => {
    const answer = await client.call(tool, args, told);
    if (answer.isError) throw new Error(`${tool}: ${answer.text}`);
    return answer;
  };
  const untilIs = (instance: string, status: string) =>
    until(
      `${instance} is ${status}`,
      async () => (await call("get_instance", { instance })).structured["status"] === status,
      {
        limitMs: 60_000,
      },
    );

  test("speaks its version, and sees the tools of its key", async () => {
    expect(client.version).toBe(version);
    expect(await client.tools()).toHaveLength(14);
    const viewer = await open(mcpUrl(), (await makeKey("viewer")).key);
    expect(await viewer.tools()).toHaveLength(7);
    const refused = await viewer.call("stop_instance", { instance: "x" });
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining("needs the role operator") });
    await viewer.close();
    await expect(open(mcpUrl(), "rhk_wrong")).rejects.toThrow();
  });

  test("starts an app, opens it, reads its log and stops it", async () => {
    const app = `App of ${name}`;
    const { id } = await house.api.create({ name: app, start: false });
    expect((await call("list_nodes")).text).toMatch(/online/);
    await call("start_instance", { instance: app });
    await untilIs(app, "started");
    const { structured } = await call("open_instance", { instance: app.toUpperCase() });
    const { hostname, pathname, search } = new URL(structured["url"] as string);
    const opened = await ask({ port: house.port, host: hostname, path: pathname + search });
    expect([opened.status, String(opened.headers["set-cookie"])]).toEqual([303, expect.stringContaining("grant=")]);
    const log = await call("read_instance_log", { instance: id });
    expect(log.structured["content"]).toBe(await house.api.log(id));
    expect(log.text).toContain("this is its end");
    await call("restart_instance", { instance: id });
    await untilIs(app, "started");
    await call("stop_instance", { instance: id });
    await untilIs(app, "stopped");
    const by = "by mcp operator";
    expect(await audited(id)).toEqual([`stop ${by}`, `restart ${by}`, `open ${by}`, `start ${by}`]);
  });

  test("runs a job, hears how far it is, and gets what its model said", async () => {
    const job = await jobs.make({ name: `Look (${name})`, tools: ["exec_command"] });
    follow(
      { calls: [{ name: "exec_command", arguments: { command: "sleep", args: ["3"] } }] },
      { text: "I waited three seconds." },
    );
    const told: string[] = [];
    const answer = await call("run_job", { job: job.name, waitSeconds: 60 }, (message) => void told.push(message));
    const ended = answer.structured["run"] as Run;
    expect(ended).toMatchObject({ job: job.id, status: "succeeded", output: "I waited three seconds." });
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told.join("\n")).toMatch(/running, turn 1, .*exec_command/);
    const read = await call("get_run", { run: ended.id });
    expect(read.text).toMatch(/tool exec_command \{.*"sleep".*succeeded/);
    expect((await call("list_jobs")).text).toContain(`last run ${ended.id} succeeded`);
  });

  test("answers what a run asks, and cancels one", async () => {
    await jobs.setPolicy({ ...OPEN_POLICY, rules: [{ tool: "write_file", decision: "ask" }] });
    const job = await jobs.make({ name: `Ask (${name})`, tools: ["write_file"] });
    const path = `workspace/${version}.txt`;
    follow({ calls: [{ name: "write_file", arguments: { path, content: "by approval\n" } }] }, { text: "Written." });
    const waits = async () => {
      const { structured } = await call("run_job", { job: job.id, waitSeconds: 60 });
      const [asked] = structured["approvals"] as { id: string }[];
      return { run: (structured["run"] as Run).id, asked: asked?.id };
    };
    const { run: id, asked } = await waits();
    expect((await call("list_approvals", { run: id })).text).toContain(`${asked}: pending, write_file`);
    await call("answer_approval", { approval: asked, decision: "approve", reason: "go on" });
    await jobs.untilOver(id);
    expect(await readFile(join(house.nodeData, path), "utf8")).toBe("by approval\n");
    expect((await call("get_run", { run: id })).structured).toMatchObject({ run: { output: "Written." } });
    expect(await audited(asked ?? "")).toEqual(["decide by mcp operator"]);
    const other = await waits();
    await call("cancel_run", { run: other.run });
    expect(await jobs.untilOver(other.run)).toMatchObject({ status: "cancelled" });
    const late = await client.call("answer_approval", { approval: other.asked, decision: "approve" });
    expect(late).toMatchObject({ isError: true, text: expect.stringContaining("already_decided") });
  });
});

test("docs/mcp.md names every tool with the role it needs", async () => {
  const namesOf = async (key: string) => {
    const client = await openNewest(mcpUrl(), key);
    const names = await client.tools();
    await client.close();
    return names;
  };
  const reading = await namesOf((await makeKey("viewer")).key);
  const needed = (await namesOf(operator.key)).map((name) => [name, reading.includes(name) ? "viewer" : "operator"]);
  const text = await readFile(join(root, "docs/mcp.md"), "utf8");
  const documented = [...text.matchAll(/^\| `(\w+)` \| (\w+) \|/gm)].map(([, name, role]) => [name, role]);
  expect(documented.toSorted()).toEqual(needed.toSorted());
});

test("a client that goes away while it waits ends neither the run nor anything else", async () => {
  const job = await jobs.make({ name: "Left alone", tools: ["exec_command"] });
  follow({ calls: [{ name: "exec_command", arguments: { command: "sleep", args: ["3"] } }] }, { text: "Still here." });
  const params = { name: "run_job", arguments: { job: job.id, waitSeconds: 60 }, _meta: { progressToken: 1 } };
  const response = await fetch(mcpUrl(), {
    method: "POST",
    headers: {
      Authorization: `Bearer ${operator.key}`,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
  });
  const reader = response.body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toContain("notifications/progress");
  await reader.cancel();
  const [started] = await jobs.ofJob(job.id);
  expect(await jobs.untilOver(started!.id)).toMatchObject({ status: "succeeded", output: "Still here." });
  expect(house.output).not.toContain("unforeseen error");
});

test("the Inspector lists the tools, finds nothing wrong with their schemas, and calls one", async () => {
  const listed = await inspect(mcpUrl(), operator.key, "--method", "tools/list", "--strict");
  expect((listed as { tools: { name: string }[] }).tools.map((tool) => tool.name)).toContain("run_job");
  const named = ["--tool-name", "list_nodes", "--tool-arg", "limit=1"];
  const called = await inspect(mcpUrl(), operator.key, "--method", "tools/call", ...named);
  expect(called).toMatchObject({ structuredContent: { items: [{ status: "online" }] } });
});
