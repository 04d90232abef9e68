/** `kill -9` of a real agent between a call and its answer, again and again: nothing is done twice, and nothing is lost. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { programIn } from "../../../worker-agent/src/autostart/program.ts";
import { makeAgentHouse } from "./agent.ts";
import { doneOf, OPEN, requestOf } from "./house.ts";

const KILLS = 20;
/** From at once to well after its keeper has begun. */
const MOST_DELAY_MS = 400;

function callOf(index: number) {
  const line = `line-${index}`;
  if (index % 2 === 0)
    return requestOf("write_file", { path: "workspace/lines", content: `${line}\n`, mode: "append" });
  return requestOf("exec_command", { command: "bash", args: ["-c", `echo ${line} >>lines; sleep 0.2`] });
}

describe("an agent that is killed", () => {
  it("[TC5][TC6] between call and answer leaves each line in the file once", async () => {
    const house = await makeAgentHouse();
    await house.start();
    for (let index = 0; index < KILLS; index += 1) {
      house.send("PUT", `kill-${index}`, callOf(index));
      await sleep((index * MOST_DELAY_MS) / KILLS);
      await house.kill();
      await house.start();
      const answer = await house.send("PUT", `kill-${index}`, callOf(index))();
      expect(doneOf(answer)).toMatchObject({ ok: true });
      expect(await house.send("PUT", `kill-${index}`, callOf(index))()).toEqual(answer);
    }
    const lines = (await readFile(join(house.workspace, "lines"), "utf8")).trim().split("\n");
    expect(lines).toEqual(Array.from({ length: KILLS }, (_, index) => `line-${index}`));
    // What has run is told under any policy; what is new is held to the one that came with the link.
    house.setPolicy({ ...OPEN, default: "deny" });
    await house.kill();
    await house.start();
    expect(await house.send("PUT", "denied", callOf(0))()).toMatchObject({ state: "refused", code: "denied" });
    expect(doneOf(await house.send("PUT", "kill-0", callOf(0))()).ok).toBe(true);
    await house.close();
  }, 300_000);
});

describe("a ceiling", () => {
  it("[TC3] is told with the join, kept on the node, and holds over the policy", async () => {
    const capped = await makeAgentHouse(["--policy", "ask", "--no-exec"]);
    try {
      await capped.start();
      const ceiling = { default: "ask", execCommand: false, rules: [] };
      expect(capped.joins).toMatchObject([{ policyCeiling: ceiling }]);
      expect(JSON.parse(await readFile(join(capped.data, "node.json"), "utf8"))).toMatchObject({ ceiling });
      expect(capped.output()).toContain("ceiling of this node: tools ask a person here, and no programs");
      expect(await capped.send("PUT", "a", requestOf("list_files", {}))()).toMatchObject({ code: "needs_approval" });
      const command = requestOf("exec_command", { command: "true" });
      expect(await capped.send("PUT", "b", command)()).toMatchObject({ code: "denied" });
      // As a service does, which is given neither token nor ceiling.
      await capped.kill();
      await capped.start(programIn(capped.data, "local").args);
      expect(await capped.send("PUT", "c", requestOf("list_files", {}))()).toMatchObject({ code: "needs_approval" });
      expect(await capped.send("PUT", "d", command)()).toMatchObject({ code: "denied" });
    } finally {
      await capped.close();
    }
  }, 60_000);
});
