/** Variables and secrets of an app: what it is given, when, and where the values never are. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { errorOf } from "./api.ts";
import { TELLS_ITS_VARIABLES } from "./blueprints.ts";
import { filesNaming } from "./files-naming.ts";
import { type House, openHouse } from "./house.ts";
import { ask } from "./http.ts";
import { killHard, listeningOf } from "./processes.ts";
import { until } from "./until.ts";

const FIRST = "canary-1-5f0b7d36c9e24a81";
const SECOND = "canary-2-0d9c1b8a7f6e5d4c";
const ENV = [
  { name: "GREETING", value: "good morning" },
  { name: "TOKEN", secret: "HF_TOKEN" },
];

let house: House;
let app: Instance;

beforeAll(async () => {
  house = await openHouse();
  await house.api.post("/api/secrets", { name: "HF_TOKEN", value: FIRST });
  await house.api.addBlueprint("tells", TELLS_ITS_VARIABLES);
  app = await house.api.install({ name: "teller", blueprint: "tells", env: ENV, restartPolicy: "always" });
});
afterAll(() => house?.close());

/** What the app says it was given; of its token, the digest. */
async function given(): Promise<unknown> {
  const { hostname } = new URL(app.url);
  const headers = { Cookie: await house.api.grantFor(app.id) };
  const answer = await ask({ port: house.port, host: hostname, path: "/", headers });
  return JSON.parse(answer.text);
}

const telling = (token: string) => ({
  greeting: "good morning",
  token: createHash("sha256").update(token).digest("hex"),
});
const pidOf = (): number | undefined => listeningOf(house.processes()).find(({ port }) => port === app.port)?.pid;

test("an app has its variables and its secret, and its log shows the secret nowhere, however it is printed", async () => {
  expect(await given()).toEqual(telling(FIRST));
  const log = await house.api.log(app.id);
  expect(log).toContain("at once [secret]\nin halves [secret]\n");
  expect(log).not.toContain(FIRST.slice(0, 20));
});

test("a changed secret takes effect at the next launch, also at one by the restart policy", async () => {
  expect((await house.api.call("PUT", "/api/secrets/HF_TOKEN", { value: SECOND })).status).toBe(200);
  expect(await given()).toEqual(telling(FIRST));
  killHard(pidOf()!);
  const isBack = async () => JSON.stringify(await given().catch(() => null)) === JSON.stringify(telling(SECOND));
  await until("the app is back with the new value", isBack, { limitMs: 40_000, seen: () => house.output });
});

test("an app keeps its secrets while its agent, and all of the control plane, is killed", async () => {
  const pid = pidOf();
  const before = await house.agentPid();
  killHard(before);
  const isAnother = async () => (await house.agentPid().catch(() => before)) !== before;
  await until("there is another agent", isAnother, { limitMs: 20_000 });
  await house.api.untilStatus(app.id, "started");
  await house.killTree();
  await house.start();
  await house.untilOnline();
  await house.api.untilStatus(app.id, "started");
  expect(pidOf()).toBe(pid);
  expect(await given()).toEqual(telling(SECOND));
});

test.each([0, 60, 200])("an agent killed %i ms into a launch leaves one app with its secret", async (delayMs) => {
  await house.untilOnline();
  await house.api.stop(app.id);
  await house.api.untilStatus(app.id, "stopped");
  await house.api.start(app.id);
  // Wherever the launch is by then: its secrets asked for, told, on their way to the keeper, or with the app.
  await sleep(delayMs);
  killHard(await house.agentPid());
  const isUp = async () => JSON.stringify(await given().catch(() => null)) === JSON.stringify(telling(SECOND));
  await until("it runs with its secret", isUp, { limitMs: 40_000, seen: () => house.output });
  expect(listeningOf(house.processes()).filter(({ port }) => port === app.port)).toHaveLength(1);
});

test("a secret in use stays, and goes when nothing names it any more", async () => {
  const refused = await house.api.call("DELETE", "/api/secrets/HF_TOKEN");
  expect(refused.status).toBe(409);
  expect(errorOf(refused).message).toContain("teller");
  const { status } = await house.api.call("PATCH", `/api/instances/${app.id}`, { env: ENV.slice(0, 1) });
  expect(status).toBe(200);
  await house.api.delete("/api/secrets/HF_TOKEN");
});

test("nothing that is stored, shown or listed among processes holds a value", async () => {
  const paths = ["/api/instances", `/api/instances/${app.id}`, "/api/secrets", "/api/audit", "/metrics"];
  const shown = await Promise.all(paths.map(async (path) => (await house.api.call("GET", path)).text));
  const texts = [...shown, await house.api.log(app.id), house.output, ...house.processes().map((one) => one.command)];
  expect(texts.filter((text) => text.includes(FIRST) || text.includes(SECOND))).toEqual([]);
  // A database that is in use moves what it holds from file to file.
  await house.interrupt();
  expect(await filesNaming(house.data, [FIRST, SECOND])).toEqual([]);
});
