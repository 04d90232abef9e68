/** A link over a bad network: cut anywhere, silent in either direction, slow. Every call ends, and no line of a log is lost. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { program } from "./blueprints.ts";
import { download, echo, type Ended, upload, type Way, wayTo } from "./calls.ts";
import { type Cut, CuttingProxy } from "./cutting-proxy.ts";
import { freePort, type House, makeHouse } from "./house.ts";
import { LogFollower } from "./log-follower.ts";
import { RemoteAgent } from "./remote-agent.ts";
import { measured, until } from "./until.ts";

const KIB = 1024;
const BODY = randomBytes(700 * KIB);
const DOWNLOAD_BYTES = 900 * KIB;
/** Places of cuts: the first frames one by one, then farther into the transfers. */
const PLACES = [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20];

let house: House;
let proxy: CuttingProxy;
let agent: RemoteAgent;
let app: Instance;
let way: Way;

beforeAll(async () => {
  const port = await freePort();
  house = await makeHouse(port, { ROUNDHOUSE_NO_LOCAL_NODE: "1" });
  await house.start();
  proxy = new CuttingProxy(port);
  agent = new RemoteAgent(house, await proxy.listen(), "far away");
  await agent.start();
  const node = await agent.untilStatus("online");
  await house.api.addBlueprint("workload", program("Workload", join(import.meta.dirname, "fixtures/workload.mjs")));
  app = await house.api.install({ name: "workload", blueprint: "workload", node: node.id });
  way = await wayTo(house, app);
});
afterAll(async () => {
  await agent?.end();
  proxy?.close();
  await house?.close();
});

const calls = (): Promise<Ended[]> =>
  Promise.all([download(way, DOWNLOAD_BYTES), upload(way, BODY), echo(way, 60), download(way, 10)]);

async function untilWhole(limitMs = 30_000): Promise<void> {
  const isWhole = async () => (await download(way, 1_000)).how === "whole";
  await until("the app answers again", isWhole, { limitMs, seen: () => agent.output });
}

describe("a link that is cut", () => {
  const cuts: Cut[] = (["toControl", "toAgent"] as const).flatMap((direction) =>
    PLACES.map((afterFrames, index) => ({
      ...{ direction, afterFrames },
      isInside: index % 2 === (direction === "toAgent" ? 1 : 0),
      how: index % 3 === 0 ? ("end" as const) : ("reset" as const),
    })),
  );

  test("[ST6] ends every call for certain wherever it is cut, comes back, and loses no line of a log, and none twice", async () => {
    const follower = new LogFollower(house, app.id);
    try {
      expect((await calls()).map(({ how }) => how)).toEqual(Array(4).fill("whole"));
      let broken = 0;
      for (const cut of cuts) {
        const { links } = proxy;
        const { sockets } = follower;
        const isCut = proxy.cut(cut);
        broken += (await calls()).filter(({ how }) => how === "broken").length;
        await isCut;
        await untilWhole();
        expect(proxy.links).toBeGreaterThan(links);
        // The next cut finds a log that is being read.
        await until("the log is followed again", () => follower.sockets > sockets, { limitMs: 20_000 });
      }
      process.stdout.write(`  ${cuts.length} cuts, ${broken} of ${cuts.length * 4} calls broken\n`);
      expect(broken).toBeGreaterThan(cuts.length / 2);
      expect(follower.sockets).toBeGreaterThan(cuts.length);
      await expectNumberedLines(follower);
    } finally {
      follower.close();
    }
    const node = await agent.untilStatus("online");
    expect(node.notice).toBeNull();
    expect((await house.api.untilStatus(app.id, "started")).value.startedAt).toBe(app.startedAt);
  });
});

/** Line after line, from the first to one that was printed just now. */
async function expectNumberedLines(follower: LogFollower): Promise<void> {
  const numbers = () => follower.lines.flatMap((line) => /^line (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  const printed = Number(/(\d+)\s*$/.exec(await house.api.log(app.id))?.[1] ?? 0);
  await until("the log is read to its end", () => (numbers().at(-1) ?? 0) >= printed, { limitMs: 20_000 });
  const all = numbers();
  expect(all.findIndex((number, index) => number !== index)).toBe(-1);
  expect(all.length).toBeGreaterThan(500);
  expect(follower.lostBytes).toBe(0);
}

describe("a link that falls silent", () => {
  test.each([
    ["[HB2] [HB3] both ways", ["toControl", "toAgent"]],
    ["[HB3] towards the control plane", ["toControl"]],
    ["[HB2] towards the agent", ["toAgent"]],
  ] as const)("%s is noticed on both sides, though nothing closes", async (_title, directions) => {
    const before = agent.output.length;
    const inFlight = echo(way, 1_000_000);
    await until("the node is watched", async () => (await agent.node())?.status === "online");
    proxy.isUnplugged = true;
    proxy.silence(...directions);
    const begin = performance.now();
    await agent.untilStatus("offline", 20_000);
    measured("silent → offline in the API", performance.now() - begin);
    expect((await inFlight).how).toBe("broken");
    measured("silent → its open WebSocket was ended", performance.now() - begin);
    await until("the agent noticed", () => agent.output.slice(before).includes("link: "), { limitMs: 20_000 });
    measured("silent → the agent noticed", performance.now() - begin);
    expect((await house.api.instance(app.id)).status).toBe("unreachable");
    proxy.heal();
    await agent.untilStatus("online", 60_000);
    await untilWhole();
    expect((await house.api.untilStatus(app.id, "started")).value.startedAt).toBe(app.startedAt);
  });
});

test("a slow and far link carries everything all the same", async () => {
  proxy.delayMs = 20;
  proxy.bytesPerSecond = 4_000_000;
  try {
    expect((await calls()).map(({ how }) => how)).toEqual(Array(4).fill("whole"));
  } finally {
    proxy.heal();
  }
});
