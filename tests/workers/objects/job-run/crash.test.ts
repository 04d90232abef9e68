import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { instances } from "../../../../workers/db/instances.ts";
import { Journal } from "../../../../workers/objects/job-run/journal.ts";
import { jobRun } from "../../../../workers/services/objects.ts";
import { db, env, eventually, makeInstance, migrate } from "../harness.ts";
import { eq } from "drizzle-orm";
import * as h from "./harness.ts";
import { type ScriptedModel, scriptModel } from "./scripted-model.ts";
import { done } from "./tool-node.ts";

let model: ScriptedModel;
beforeAll(async () => {
  await migrate();
  await h.plantProvider("model.test");
});
afterEach(() => {
  model.restore();
  vi.restoreAllMocks();
});

const append = (line: string) => ({
  name: "write_file",
  arguments: { path: "workspace/lines", content: line, mode: "append" },
});
/** Answers by how far the conversation is, not by how often it was asked: a turn that is asked again is the same turn. */
const twoTurns = () =>
  scriptModel({
    "model.test": ({ messages }) => {
      const turns = messages.filter(({ role }) => role === "assistant").length;
      if (turns === 0) return { calls: [append("one"), append("two")] };
      return turns === 1 ? { calls: [append("three")] } : { text: "written" };
    },
  });

/** Lets the object of a run die at its `at`-th write, before or after that write; answers whether it came to that. */
async function dieAtWrite(id: string, at: number, when: "before" | "after"): Promise<() => boolean> {
  const abort = await runInDurableObject(h.stubOf(id), (_run, state) => () => state.abort("killed by a test"));
  let writes = 0;
  for (const method of ["put", "set", "dropDuty"] as const) {
    const real = Journal.prototype[method] as (...args: unknown[]) => unknown;
    vi.spyOn(Journal.prototype, method).mockImplementation(function (this: Journal, ...args: unknown[]) {
      writes += 1;
      if (writes !== at) return real.apply(this, args) as never;
      if (when === "after") real.apply(this, args);
      abort();
      throw new Error("killed by a test");
    });
  }
  return () => writes >= at;
}

async function kill(id: string): Promise<void> {
  await runInDurableObject(h.stubOf(id), (_run, state) => state.abort("killed by a test")).catch(unlessKilled);
}

function unlessKilled(error: unknown): void {
  if (!String(error).includes("killed by a test")) throw error;
}

/** As the runtime's watchdog does, without its patience, until the run is over. */
async function bringBack(id: string, where = "a death"): Promise<void> {
  await eventually(async () => {
    await jobRun(env, id).begin().catch(unlessKilled);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { status } = await h.runRow(id);
    if (status !== "succeeded") throw new Error(`run is ${status} after ${where}`);
  }, 15_000);
}

it.each(["before", "after"] as const)(
  "a run whose object dies %s any of its writes makes each call once and comes to its end",
  async (when) => {
    const { node, tools } = await h.makeOpenNode();
    model = twoTurns();
    let hasDied = true;
    let deaths = 0;
    for (let at = 1; hasDied; at += 1) {
      const id = await h.plantRun({ nodes: [node.id], tools: ["write_file"] });
      const died = await dieAtWrite(id, at, when);
      await bringBack(id, `a death ${when} write ${at}`);
      hasDied = died();
      vi.restoreAllMocks();
      model.restore();
      model = twoTurns();
      if (hasDied) deaths += 1;
      const made = tools.executed.splice(0).map(({ request }) => request.arguments["content"]);
      expect(made.toSorted(), `a death ${when} write ${at}`).toEqual(["one", "three", "two"]);
    }
    expect(deaths).toBeGreaterThan(15);
  },
  120_000,
);

it("a run whose object dies while its call is under way goes on by its watchdog", async () => {
  let answers = 0;
  const { node, tools } = await h.makeOpenNode(h.OPEN_POLICY, () => {
    answers += 1;
    return answers === 1 ? "no answer" : done("written");
  });
  model = scriptModel({ "model.test": (_, turn) => (turn === 1 ? { calls: [append("one")] } : { text: "written" }) });
  const id = await h.plantRun({ nodes: [node.id], tools: ["write_file"] });
  await jobRun(env, id).begin();
  await vi.waitUntil(() => tools.puts.length === 1);
  await kill(id);
  await vi.waitUntil(() => h.ring(id).catch(() => false));
  await h.reached(id, "succeeded");
  expect(tools.puts).toEqual([`${id}-2`, `${id}-2`]);
  expect(tools.executed).toHaveLength(1);
});

it("a turn that was cut off is asked again, and what was set aside for it is spent", async () => {
  const { node } = await h.makeOpenNode();
  model = scriptModel({ "model.test": (_, turn) => (turn === 1 ? { text: "hm", hangs: true } : { text: "done" }) });
  const id = await h.plantRun({ nodes: [node.id] });
  await jobRun(env, id).begin();
  await vi.waitUntil(() => model.questions.length === 1);
  await kill(id);
  await bringBack(id);
  const row = await h.reached(id, "succeeded");
  expect(row.turns).toBe(1);
  expect(row.outputTokens).toBe(16_384 + 10);
  expect(await h.stepsOf(id)).toMatchObject([{ attempts: 2, status: "succeeded" }]);
});

it("an answer that was lost on the way is fetched under the same id", async () => {
  const { node, tools } = await h.makeOpenNode(h.OPEN_POLICY, (_, times) => {
    return times < 3 ? { state: "running", startedAt: new Date().toISOString() } : done("written");
  });
  model = twoTurns();
  const id = await h.plantRun({ nodes: [node.id], tools: ["write_file"] });
  await h.runToEnd(id);
  expect(tools.executed).toHaveLength(3);
  expect(new Set(tools.puts).size).toBe(3);
  expect(tools.puts).toHaveLength(9);
});

it("an instance is restarted once, though the object dies after it asked for that", async () => {
  const { node } = await h.makeOpenNode();
  const instance = await makeInstance(node);
  const restart = { name: "restart_instance", arguments: { instance: instance.name } };
  const script = () =>
    scriptModel({
      "model.test": ({ messages }) =>
        messages.some(({ role }) => role === "assistant") ? { text: "restarted" } : { calls: [restart] },
    });
  model = script();
  const epochs: number[] = [];
  let hasDied = true;
  for (let at = 1; hasDied; at += 1) {
    const before = await epochOf(instance.id);
    const id = await h.plantRun({ nodes: [node.id], tools: ["restart_instance"] });
    const died = await dieAtWrite(id, at, "before");
    await bringBack(id, `a death before write ${at}`);
    hasDied = died();
    vi.restoreAllMocks();
    model = script();
    epochs.push((await epochOf(instance.id)) - before);
  }
  expect(epochs).toEqual(epochs.map(() => 1));
  expect(epochs.length).toBeGreaterThan(8);
}, 120_000);

async function epochOf(id: string): Promise<number> {
  const [row] = await db.select({ epoch: instances.epoch }).from(instances).where(eq(instances.id, id));
  if (!row) throw new Error("no instance");
  return row.epoch;
}
