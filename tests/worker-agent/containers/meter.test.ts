/** Asking what containers take: a real program in place of ours, so that it can fail. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createMeter, type Meter } from "../../../worker-agent/src/containers/meter.ts";

let folder: string;
let meter: Meter;
let lines: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "roundhouse-meter-"));
  lines = [];
});
afterEach(async () => {
  meter.stop();
  await rm(folder, { recursive: true });
});

async function meterOf(source: string, hasContainers = true): Promise<Meter> {
  const file = join(folder, "program.mjs");
  await writeFile(file, source);
  meter = createMeter({
    program: () => Promise.resolve(file),
    root: "/the/root",
    hasContainers: () => Promise.resolve(hasContainers),
    log: (line) => lines.push(line),
  });
  return meter;
}

const usage = { instance: "in_1", container: "c", cpuNs: 1, memoryBytes: 2 };

it("asks one program as often as it is asked itself", async () => {
  const answer = JSON.stringify([usage]);
  const source = `process.stdin.on("data", () => console.log(JSON.stringify(${answer}.map((one) => ({ ...one, instance: process.argv.at(-1) + process.pid })))));`;
  const asked = await meterOf(source);
  const [first] = await asked.read();
  expect(first?.instance).toMatch(/^\/the\/root\d+$/);
  expect(await asked.read()).toEqual([first]);
  expect(lines).toEqual([]);
});

it("starts nothing where there is no container", async () => {
  expect(await (await meterOf("process.exit(1);", false)).read()).toEqual([]);
  expect(lines).toEqual([]);
});

it.each([
  ["that ends", `process.stderr.write("no engine"); process.exit(125);`, /no engine/],
  ["that never answers", `process.stdin.resume();`, /Abort|Timeout/i],
])("tells once of a program %s, and does not ask it again soon", async (_, source, reason) => {
  const asked = await meterOf(source);
  expect(await asked.read()).toEqual([]);
  expect(await asked.read()).toEqual([]);
  expect(lines).toEqual([expect.stringMatching(reason)]);
});
