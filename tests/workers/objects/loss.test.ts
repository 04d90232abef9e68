import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_TUNING } from "@roundhouse/protocol/limits";
import { ageLink, eventually, hubOf, makeApp, migrate, planned, runTasks } from "./harness.ts";

beforeAll(migrate);

describe("a lost link", () => {
  it("[ST6] gives 503 to a request without a head and cuts one that has its head", async () => {
    const lost = await makeApp();
    const [waiting, reading] = [lost.fetch("/waiting"), lost.fetch("/reading")];
    const opens = [await lost.agent.nextFrame("open"), await lost.agent.nextFrame("open")];
    const stream = opens.find(({ head }) => head.path === "/reading")?.stream ?? 0;
    lost.agent.frame({ type: "head", stream, head: { status: 200, headers: [] } });
    const cut = await reading;
    lost.agent.socket.close(1000);
    expect((await waiting).status).toBe(503);
    await expect(cut.text()).rejects.toThrow();
    expect((await lost.fetch("/later")).status).toBe(503);
  });

  it("[FR8] comes of a frame that cannot be read, with everything that ST6 says", async () => {
    const broken = await makeApp();
    const answer = broken.fetch("/");
    await broken.agent.nextFrame("open");
    broken.agent.socket.send(Uint8Array.of(7, 0, 0, 0, 1, 1));
    expect((await broken.agent.closed).code).toBe(4001);
    expect((await answer).status).toBe(503);
    await eventually(async () => expect((await hubOf(broken.node).checkLink()).online).toBe(false));
  });

  it("[FR8] comes of a control message that cannot be read, too", async () => {
    const broken = await makeApp();
    const answer = broken.fetch("/");
    await broken.agent.nextFrame("open");
    broken.agent.send(JSON.stringify({ type: "agent.observed", instances: "all" }));
    expect((await broken.agent.closed).code).toBe(4001);
    expect((await answer).status).toBe(503);
  });

  it("[HB3] is noticed by alarm while a stream is open, though nobody asks", async () => {
    const silent = await makeApp();
    const answer = silent.fetch("/");
    await silent.agent.nextFrame("open");
    expect(await planned(silent.node)).toContain("watch");
    await ageLink(silent.node, DEFAULT_TUNING.heartbeatTimeoutMs + 1);
    await runTasks(silent.node, "watch");
    expect((await answer).status).toBe(503);
    expect((await silent.agent.closed).code).toBe(4007);
  });

  it("[HB3] is noticed by the next request", async () => {
    const silent = await makeApp();
    await ageLink(silent.node, DEFAULT_TUNING.heartbeatTimeoutMs + 1);
    expect((await silent.fetch("/")).status).toBe(503);
  });
});
