import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DesiredInstance } from "@roundhouse/protocol/instance";
import type { EnvironmentVariable } from "@roundhouse/protocol/variables";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { filesNaming } from "../../e2e/files-naming.ts";
import { type House, makeHouse, waitFor, wish } from "./harness.ts";

const CANARY = "canary-of-the-mine";
const ENV: EnvironmentVariable[] = [
  { name: "PLAIN", value: "coal" },
  { name: "TOKEN", secret: "HF" },
];

let house: House;
beforeEach(async () => {
  house = await makeHouse();
  await house.instances().start();
});
afterEach(() => house.close());

const using = (changes: Partial<DesiredInstance> = {}) => wish({ script: "uses-token", env: ENV, ...changes });

function give(value: string, changes: { instance?: string; refused?: { message: string; hint?: string } } = {}): void {
  const { instance = "in_1", refused = null } = changes;
  house
    .instances()
    .provideSecrets({ type: "control.secrets", instance, values: refused ? {} : { HF: value }, refused });
}

const asked = (times: number) => waitFor(() => house.askedSecrets.length >= times);
const started = () => house.until((one) => one.status === "started");
const waiting = () => house.until((one) => one.reason?.code === "waiting_for_secrets");
const running = () => house.instances().processes();

/** Whether the app of the last launch had that value. */
async function hadValue(value: string): Promise<boolean> {
  const told = await readFile(join(house.root.instancesDir, "in-1", "token.sha256"), "utf8");
  return told.startsWith(createHash("sha256").update(value).digest("hex"));
}

async function log(): Promise<string> {
  const dir = house.instances().logDirOf("in_1") ?? "";
  const names = (await readdir(dir)).filter((name) => name.endsWith(".log")).toSorted();
  return (await Promise.all(names.map((name) => readFile(join(dir, name), "utf8")))).join("");
}

const filesWith = (text: string) => filesNaming(house.root.path, [text]);

describe("an instance with secrets", () => {
  it("[EV3] waits for them, has them in its environment, and leaves them on no disk, in no log and in no shell", async () => {
    house.want(using());
    expect(await waiting()).toMatchObject({ status: "installing", pid: null });
    expect(house.askedSecrets).toEqual(["in_1"]);
    give(CANARY);
    await started();
    expect(await hadValue(CANARY)).toBe(true);
    expect(await log()).toContain("plain coal\ntoken [secret]\n");
    expect(await filesWith(CANARY)).toEqual([]);
    const shell = await house.instances().surroundingsOf("in_1");
    expect(shell?.env).toMatchObject({ PLAIN: "coal" });
    expect(shell?.env).not.toHaveProperty("TOKEN");
    expect(house.askedSecrets).toEqual(["in_1"]);
  });

  it("[EV4] asks at each launch, so that a changed secret takes effect at the next", async () => {
    house.want(using());
    await asked(1);
    give("the first value");
    await started();
    house.want(using({ epoch: 2, generation: 2 }));
    await asked(2);
    give("the second value");
    await house.until((one) => one.generation === 2 && one.status === "started");
    expect(await hadValue("the second value")).toBe(true);
  });

  it("[EV4] asks for a restart by policy, too; while nobody can be asked, the values of the launch before serve", async () => {
    const env = [...ENV, { name: "FAILS", value: "once" }];
    house.want(using({ env, restartPolicy: "on-failure" }));
    await asked(1);
    house.setLinked(false);
    give(CANARY);
    await started();
    expect(await log()).toContain("launch 2");
    expect(await hadValue(CANARY)).toBe(true);
    expect(house.askedSecrets).toEqual(["in_1"]);
  });

  it("[EV4] waits while nobody can be asked and it has none, and asks again when wishes are stated anew", async () => {
    house.setLinked(false);
    house.want(using());
    await waiting();
    house.setLinked(true);
    house.want(using());
    await asked(1);
    // An answer that was lost with its link.
    house.want(using());
    await asked(2);
    give(CANARY);
    await started();
  });

  it("[EV4] never serves one secret with the value of another", async () => {
    house.want(using());
    await asked(1);
    give(CANARY);
    await started();
    house.setLinked(false);
    house.want(using({ env: [{ name: "TOKEN", secret: "OTHER" }], epoch: 2, generation: 2 }));
    await waiting();
    expect(running().size).toBe(0);
  });

  it("[EV2] says why when one cannot be given, and asks again when it is started again", async () => {
    house.want(using());
    await asked(1);
    give("", { refused: { message: 'There is no secret "HF".', hint: "Make one." } });
    const failed = await house.until((one) => one.status === "error");
    expect(failed.reason).toEqual({
      code: "secret_unavailable",
      message: 'There is no secret "HF".',
      hint: "Make one.",
    });
    house.want(using({ epoch: 2, generation: 2 }));
    await asked(2);
    give(CANARY);
    await started();
  });

  it("refuses a value that no environment can hold, and does not quote it", async () => {
    house.want(using());
    await asked(1);
    give("canary\0canary");
    const { reason } = await house.until((one) => one.status === "error");
    expect(reason).toMatchObject({ code: "secret_unavailable", hint: expect.stringContaining("another value") });
    expect(JSON.stringify(reason)).not.toContain("canary");
  });

  it("[EV3] keeps its secrets while agents come and go, and its log stays clean", async () => {
    house.want(using());
    await asked(1);
    give(CANARY);
    const { pid } = await started();
    await house.restart({ endKeepers: false });
    const adopted = await started();
    expect(adopted.pid).toBe(pid);
    expect(house.askedSecrets).toEqual(["in_1"]);
    house.want(using({ epoch: 2, generation: 2 }));
    await asked(2);
    expect(await filesWith(CANARY)).toEqual([]);
  });

  it("that are not asked for changes nothing", async () => {
    house.want(wish({ env: [{ name: "PLAIN", value: "coal" }], script: "uses-token" }));
    await started();
    give(CANARY);
    expect(house.askedSecrets).toEqual([]);
    expect(await log()).toContain("plain coal\ntoken \n");
  });
});
