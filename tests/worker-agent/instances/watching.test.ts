import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isAlive, makeHouse, processesBelow, waitFor, wish, type House } from "./harness.ts";

const STALL_MS = 180_000;
const HOUR_MS = 3_600_000;

let house: House;
beforeEach(async () => {
  house = await makeHouse();
  await house.instances().start();
});
afterEach(() => house.close());

const own = (name: string) => join(house.root.instancesDir, "in-1", name);

describe("the watchdog of an installation", () => {
  it("warns after 180 s of silence, ends nothing, and takes it back with the next word", async () => {
    house.want(wish({ script: "late" }));
    const { pid } = await house.until((one) => one.pid !== null);
    house.pass(STALL_MS);
    const stalled = await house.until((one) => one.status === "stalled");
    expect(stalled).toMatchObject({ pid, reason: { code: "quiet", hint: expect.stringContaining("grows") } });
    await writeFile(own("say"), "");
    const again = await house.until((one) => one.status === "installing");
    expect(again).toMatchObject({ pid, reason: null });
    house.pass(STALL_MS);
    await house.until((one) => one.status === "stalled");
    await writeFile(own("go"), "");
    expect(await house.until((one) => one.status === "started")).toMatchObject({ pid, reason: null });
  });

  it("says so when an installation takes hours", async () => {
    house.want(wish({ script: "late" }));
    const { pid } = await house.until((one) => one.pid !== null);
    house.pass(2 * HOUR_MS);
    await writeFile(own("say"), "");
    const long = await house.until((one) => one.reason?.code === "long_install");
    expect(long).toMatchObject({
      status: "installing",
      pid,
      reason: { message: "it has been installing for 2 hours" },
    });
  });

  it("lets a script be that has done nothing but sleep", async () => {
    house.want(wish({ script: "installs" }));
    const { pid } = await house.until((one) => one.lastLines.includes("installing for ever"));
    house.pass(STALL_MS);
    expect(await house.until((one) => one.status === "stalled")).toMatchObject({ pid, reason: { code: "quiet" } });
  });
});

describe("a later start", () => {
  beforeEach(async () => {
    house.want(wish({ script: "late" }));
    await house.until((one) => one.pid !== null);
    await writeFile(own("go"), "");
    await house.until((one) => one.status === "started");
    await rm(own("go"));
    house.want(wish({ script: "late", epoch: 2, generation: 2 }));
    await house.until((one) => one.status === "starting" && one.pid !== null);
  });

  it("stalls after 180 s without an answer, whatever it says, and is started by a late one", async () => {
    house.pass(STALL_MS);
    await writeFile(own("say"), "");
    const stalled = await house.until((one) => one.status === "stalled");
    expect(stalled.reason).toMatchObject({
      code: "no_answer",
      message: expect.stringContaining(`port ${stalled.port}`),
    });
    await writeFile(own("go"), "");
    expect(await house.until((one) => one.status === "started")).toMatchObject({ pid: stalled.pid, reason: null });
  });

  it("does not stall because somebody set the host's clock", async () => {
    house.setClock(10 * HOUR_MS);
    await writeFile(own("say"), "");
    await house.until((one) => one.lastLines.includes("still here"));
    expect(house.observed().status).toBe("starting");
  });
});

describe("a script that outlives its app", () => {
  it("is noticed when the app never answered, junk first line and all", async () => {
    house.want(wish({ script: "never-listens" }));
    const gone = await house.until((one) => one.status === "error" && one.pid === null);
    expect(gone).toMatchObject({
      exitCode: null,
      reason: {
        code: "module_missing",
        message: expect.stringMatching(/"torch"; the app ended before it answered on port/),
      },
    });
    expect(gone.lastLines.join("\n")).toContain("---: command not found");
    await waitFor(async () => (await processesBelow(house.root.path)).length === 0);
  });
});

describe("what a start leads to", () => {
  it("names memory that Python did not get", async () => {
    house.want(wish({ script: "no-memory" }));
    const ended = await house.until((one) => one.status === "error");
    expect(ended).toMatchObject({ exitCode: 1, reason: { code: "out_of_memory" } });
    expect(ended.reason?.message).toMatch(/MemoryError \(this node has [\d.]+ GiB\)$/);
    expect(ended.lastLines).toContain("loading the model");
    expect(await isAlive(ended.pid)).toBe(false);
  });
});
