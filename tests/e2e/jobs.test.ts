/** Jobs from the outside: a model that follows a script operates a real node through a real control plane. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ToolStep } from "@roundhouse/protocol/api/run";
import { errorOf } from "./api.ts";
import { type House, openHouse } from "./house.ts";
import { Jobs, OPEN_POLICY } from "./jobs.ts";
import { processesNaming } from "./processes.ts";
import { type ChatRequest, type Reply, ScriptedModel } from "./scripted-model.ts";
import { measured, until } from "./until.ts";

const ALL_TOOLS = ["read_file", "write_file", "list_files", "search_files", "exec_command", "system_stats"];

let house: House;
let jobs: Jobs;
let model: ScriptedModel;

beforeAll(async () => {
  house = await openHouse();
  jobs = new Jobs(house);
  model = await ScriptedModel.open(() => ({ text: "nothing to do" }));
  await jobs.provider("scripted", model);
});
beforeEach(() => jobs.setPolicy(OPEN_POLICY));
afterAll(async () => {
  model?.close();
  await house?.close();
});

/** Says these one after the other, and the last one again and again. */
function follow(...replies: Reply[]): void {
  model.follow((_, turn) => replies[Math.min(turn, replies.length - 1)]!);
}

const call = (name: string, args: unknown) => ({ name, arguments: args });

/** What the model was told by tools, in order, at its last turn. */
function toldOf(request: ChatRequest | undefined): string[] {
  return (request?.messages ?? []).filter(({ role }) => role === "tool").map(({ content }) => content ?? "");
}

async function toolSteps(run: string): Promise<ToolStep[]> {
  return (await jobs.steps(run)).filter((step) => step.kind === "tool");
}

test("a run writes, runs, reads and searches on the node, and each step is on record", async () => {
  const job = await jobs.make({ name: "look around", tools: ALL_TOOLS });
  follow(
    { text: "First a note.", calls: [call("write_file", { path: "workspace/note.txt", content: "one\n" })] },
    {
      calls: [
        call("exec_command", { command: "bash", args: ["-c", "echo two >> note.txt; cat note.txt; exit 3"] }),
        call("system_stats", {}),
      ],
    },
    {
      calls: [
        call("read_file", { path: "workspace/note.txt" }),
        call("search_files", { path: "workspace", text: "two" }),
        call("list_files", { path: "workspace" }),
      ],
    },
    { text: "The note says one and two." },
  );
  const run = await jobs.whole(job.id);
  expect(run).toMatchObject({ status: "succeeded", output: "The note says one and two.", turns: 4, failure: null });
  const steps = await toolSteps(run.id);
  expect(steps.map(({ tool, status }) => [tool, status])).toEqual([
    ["write_file", "succeeded"],
    ["exec_command", "failed"],
    ["system_stats", "succeeded"],
    ["read_file", "succeeded"],
    ["search_files", "succeeded"],
    ["list_files", "succeeded"],
  ]);
  expect(steps[1]).toMatchObject({ exitCode: 3, result: expect.stringContaining("one\ntwo") });
  const told = toldOf(model.requests.at(-1));
  expect(told).toHaveLength(6);
  expect(told[3]).toContain("one\ntwo");
  expect(await readFile(join(house.nodeData, "workspace/note.txt"), "utf8")).toBe("one\ntwo\n");
});

test("a wrong tool, malformed arguments and a refusal of the node's policy are told to the model, which goes on", async () => {
  await jobs.setPolicy({
    ...OPEN_POLICY,
    rules: [{ tool: "write_file", where: { path: "models/*" }, decision: "deny" }],
  });
  const job = await jobs.make({ name: "clumsy", tools: ALL_TOOLS });
  follow(
    {
      calls: [
        call("read_fiel", { path: "workspace/note.txt" }),
        call("read_file", '{"path": '),
        call("read_file", { path: 7 }),
        call("write_file", { path: "models/x", content: "no" }),
        call("read_file", { path: "workspace/../../etc/passwd" }),
      ],
    },
    { text: "I gave up." },
  );
  const run = await jobs.whole(job.id);
  expect(run).toMatchObject({ status: "succeeded", output: "I gave up." });
  const told = toldOf(model.requests.at(-1));
  expect(told[0]).toContain("read_file");
  expect(told[1]).toMatch(/JSON/);
  expect(told[2]).toMatch(/path/);
  expect(told[3]).toMatch(/policy/i);
  expect(told[4]).toMatch(/\.\./);
  expect((await toolSteps(run.id)).filter(({ status }) => status === "succeeded")).toEqual([]);
});

test("a provider that does not answer fails the run with its address, and a fallback takes over where there is one", async () => {
  await house.api.post("/api/providers", { name: "dead", baseUrl: "http://127.0.0.1:9/v1" });
  const lonely = await jobs.make({ name: "lonely", provider: "dead" });
  const failed = await jobs.whole(lonely.id, {}, 90_000);
  expect(failed).toMatchObject({ status: "failed", failure: { code: "provider_failed" } });
  expect(failed.failure?.message).toContain("dead");
  follow({ text: "here" });
  const fallbacks = [{ provider: "scripted", model: "scripted" }];
  const saved = await jobs.make({ name: "saved", provider: "dead", fallbacks });
  expect(await jobs.whole(saved.id, {}, 90_000)).toMatchObject({ status: "succeeded", output: "here" });
});

test("what the policy asks about waits for a person, who sees the difference, and runs once however often it is approved", async () => {
  await jobs.setPolicy({ ...OPEN_POLICY, default: "ask" });
  const job = await jobs.make({ name: "careful", tools: ALL_TOOLS });
  follow(
    { calls: [call("write_file", { path: "workspace/asked.txt", content: "approved\n", mode: "append" })] },
    { text: "written" },
  );
  const { id } = await jobs.run(job.id);
  await jobs.until(id, "waiting", ({ status }) => status === "waiting");
  const [approval] = await jobs.pending(id);
  expect(approval).toMatchObject({ tool: "write_file", diff: expect.stringContaining("+approved") });
  const decide = () => house.api.call("POST", `/api/approvals/${approval?.id}`, { decision: "approve" });
  const answers = await Promise.all([decide(), decide(), decide()]);
  expect(answers.map(({ status }) => status).toSorted()[0]).toBe(200);
  expect((await jobs.untilOver(id)).status).toBe("succeeded");
  expect(await readFile(join(house.nodeData, "workspace/asked.txt"), "utf8")).toBe("approved\n");
});

test("a denied call is told to the model with the reason", async () => {
  await jobs.setPolicy({ ...OPEN_POLICY, default: "ask" });
  const job = await jobs.make({ name: "denied", tools: ALL_TOOLS });
  follow({ calls: [call("write_file", { path: "workspace/never.txt", content: "x" })] }, { text: "I see" });
  const { id } = await jobs.run(job.id);
  await jobs.until(id, "waiting", ({ status }) => status === "waiting");
  const [approval] = await jobs.pending(id);
  await house.api.post(`/api/approvals/${approval?.id}`, { decision: "deny", reason: "not on a Friday" });
  expect((await jobs.untilOver(id)).output).toBe("I see");
  expect(toldOf(model.requests.at(-1))[0]).toContain("not on a Friday");
  await expect(readFile(join(house.nodeData, "workspace/never.txt"))).rejects.toThrow(/ENOENT/);
});

test("the processes of a cancelled run are gone, though they do not listen to SIGTERM", async () => {
  const job = await jobs.make({ name: "long", tools: ALL_TOOLS });
  const mark = `${31_000 + Math.floor(Math.random() * 900)}`;
  follow({
    calls: [call("exec_command", { command: "bash", args: ["-c", `trap '' TERM; sleep ${mark}; sleep ${mark}`] })],
  });
  const { id } = await jobs.run(job.id);
  const left = () => processesNaming(`sleep ${mark}`);
  await until("the command runs", () => left().some(({ command }) => command === `sleep ${mark}`), { limitMs: 20_000 });
  await house.api.post(`/api/runs/${id}/cancel`);
  const { tookMs } = await until("its processes are gone", () => left().length === 0, { limitMs: 10_000 });
  measured("a run cancelled → its processes gone", tookMs);
  expect((await jobs.untilOver(id)).status).toBe("cancelled");
});

test("an unknown job, a bad schedule and a missing provider are refused by their names", async () => {
  expect(errorOf(await house.api.call("POST", "/api/jobs/none/run", {})).code).toBe("not_found");
  const [node] = await house.api.nodes();
  const job = { name: "bad", instructions: "x", nodes: [node?.name], provider: "scripted", model: "scripted" };
  const schedule = { ...job, triggers: [{ kind: "cron", schedule: "every day" }] };
  expect(errorOf(await house.api.call("POST", "/api/jobs", schedule)).code).toBe("bad_schedule");
  const provider = { ...job, provider: "nobody" };
  expect(errorOf(await house.api.call("POST", "/api/jobs", provider))).toMatchObject({ code: "unknown_provider" });
});
