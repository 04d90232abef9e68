/** A model that runs on a node, reached through the node's link: a real engine with a tiny model that repeats itself. */
import { execFileSync } from "node:child_process";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProviderTest } from "@roundhouse/protocol/api/provider";
import { makeTinyModel } from "../engines/tiny-model.ts";
import { type House, openHouse } from "./house.ts";
import { Jobs, OPEN_POLICY } from "./jobs.ts";
import { until } from "./until.ts";

const ENGINES = join(import.meta.dirname, "../engines");
/** What the model says, whatever it is asked: it was never taught native tool calls. */
const SAYS = ['```tool_call\n{"tool": ', '"list_files", ', '"arguments": {"path": ""}}', "\n```"];
const INSTALL_LIMIT_MS = 120_000;

let house: House;
let jobs: Jobs;

beforeAll(async () => {
  // Not `npm ci`: it wants every platform's package in the lock file, and registries lack some.
  const options = ["--no-save", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["install", ...options], { cwd: ENGINES, stdio: "inherit", timeout: INSTALL_LIMIT_MS });
  house = await openHouse();
  jobs = new Jobs(house);
  await jobs.setPolicy(OPEN_POLICY);
});
afterAll(() => house?.close());

/** Below the house: apps may run as another user, who cannot read everything of this one. */
async function placeEngine(): Promise<{ program: string; model: string }> {
  const folder = join(house.data, "../engine");
  await cp(ENGINES, folder, { recursive: true });
  const model = join(folder, "tiny.gguf");
  await writeFile(model, makeTinyModel(SAYS));
  return { program: join(folder, "engine.mjs"), model };
}

test("a job whose model is served on the node calls tools there, turn after turn, until its limit", async () => {
  const { program, model } = await placeEngine();
  const script = `#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = Tiny engine
### AIKORE-METADATA-END ###
exec node ${program} ${model} $WEBUI_PORT
`;
  await house.api.addBlueprint("tiny-engine", script);
  const engine = await house.api.install({ name: "engine", blueprint: "tiny-engine" });
  const baseUrl = `http://127.0.0.1:${engine.port}/v1`;
  const [node] = await house.api.nodes();
  const provider = await house.api.post<{ id: string }>("/api/providers", {
    name: "here",
    baseUrl,
    viaNode: node?.name,
  });
  const tested = await house.api.post<ProviderTest>(`/api/providers/${provider.id}/test`);
  expect(tested).toMatchObject({ ok: true, models: [{ id: "tiny" }] });

  const limits = { turns: 3 };
  const job = await jobs.make({ name: "parrot", provider: "here", model: "tiny", tools: ["list_files"], limits });
  const run = await jobs.whole(job.id, {}, 60_000);
  expect(run).toMatchObject({ status: "failed", turns: 3, failure: { code: "turn_limit" } });
  const steps = await jobs.steps(run.id);
  const calls = steps.filter((step) => step.kind === "tool");
  expect(calls.length).toBeGreaterThanOrEqual(2);
  for (const step of calls) {
    expect(step).toMatchObject({
      tool: "list_files",
      status: "succeeded",
      result: expect.stringContaining("workspace"),
    });
  }
});

test("when the engine is stopped, the run fails and says which provider did not answer", async () => {
  const engine = (await house.api.instances()).find(({ name }) => name === "engine");
  await house.api.stop(engine?.id ?? "");
  await until("it has stopped", async () => (await house.api.instance(engine?.id ?? "")).status === "stopped");
  const run = await jobs.whole("parrot", {}, 120_000);
  expect(run).toMatchObject({ status: "failed", failure: { code: "provider_failed" } });
  expect(run.failure?.message).toContain("here");
});
