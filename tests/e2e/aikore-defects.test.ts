/**
 * What goes wrong in AiKore and not here, and what of it must be here too, as far as no other test shows it against a real agent.
 * The index of all of it is tests/blueprints/aikore.test.ts.
 */
import { readdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type WebSocket from "ws";
import type { Instance, Logs } from "@roundhouse/protocol/api/instance";
import type { TrashEntry } from "@roundhouse/protocol/api/trash";
import { errorOf } from "./api.ts";
import { SLEEPS_ON } from "./blueprints.ts";
import { openBrowser, pressOpen, signIn } from "./browser.ts";
import { type Answer, ask, openSocket } from "./http.ts";
import { type House, openHouse } from "./house.ts";
import { isAlive, killHard, treeOf } from "./processes.ts";
import { until } from "./until.ts";

/** Longer than proxies in front of rented machines let a request take. */
const LONG_MS = 105_000;

/** Serves, and ends with 9 when it is asked to; what a person can change is in its folder. */
const FRAIL = `--- Frail.sh ---
#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = Frail
### AIKORE-METADATA-END ###
echo "launch of $INSTANCE_NAME on $WEBUI_PORT"
exec node -e 'require("http").createServer((q, s) => q.url === "/die" ? process.exit(9) : s.end(process.cwd())).listen(process.env.WEBUI_PORT, "127.0.0.1")'
`;

let house: House;
let app: Instance;
let longAnswers: Promise<PromiseSettledResult<Answer>[]>;

beforeAll(async () => {
  house = await openHouse();
  const hello = await house.api.install({ name: "Slow" });
  longAnswers = Promise.allSettled([visit(hello, `/slow?ms=${LONG_MS}`, LONG_MS + 60_000)]);
  await house.api.addBlueprint("frail", FRAIL);
  app = await house.api.install({ name: "My.App__2", blueprint: "frail" });
});
afterAll(() => house?.close());

/** Asks an app at its own URL, as somebody who may open it. */
async function visit({ id, url }: Instance, path = "/", limitMs = 15_000): Promise<Answer> {
  const headers = { Cookie: await house.api.grantFor(id) };
  return ask({ port: house.port, host: new URL(url).hostname, path, headers, limitMs });
}

const folderOf = (name: string): string => join(house.nodeData, "instances", name);
const satelliteOf = ({ id }: Instance, name: string): Promise<Instance> =>
  house.api.post<Instance>(`/api/instances/${id}/satellite`, { name });
const refusal = async (method: string, path: string, body: unknown) =>
  errorOf(await house.api.call(method, `/api/instances/${path}`, body));
const logFrom = (offset: number): Promise<Logs> =>
  house.api.get<Logs>(`/api/instances/${app.id}/logs?offset=${offset}`);

async function restart(instance: Instance): Promise<Instance> {
  await house.api.stop(instance.id);
  await house.api.untilStatus(instance.id, "stopped");
  await house.api.start(instance.id);
  return (await house.api.untilStatus(instance.id, "started")).value;
}

test("a name has one slug, at its URL, in its folder, and behind the Open of the dashboard", async () => {
  expect(app).toMatchObject({
    name: "My.App__2",
    slug: "my-app-2",
    url: `http://my-app-2.apps.localhost:${house.port}`,
  });
  expect(await visit(app)).toMatchObject({ status: 200, text: folderOf("my-app-2") });
  expect(await readdir(join(house.nodeData, "outputs"))).toContain("My.App__2");
  const browser = await openBrowser();
  try {
    await signIn(browser.page, house);
    await browser.page.goto(`${house.url}/?instance=${app.id}`);
    const opened = await pressOpen(browser);
    await opened.getByText(folderOf("my-app-2")).waitFor();
    expect(new URL(opened.url()).hostname).toBe("my-app-2.apps.localhost");
  } finally {
    await browser.close();
  }
});

test("an app that ends after it was started is an error with its exit code, and can be started", async () => {
  await visit(app, "/die").catch(() => undefined);
  const { value } = await house.api.untilStatus(app.id, "error");
  expect(value).toMatchObject({ exitCode: 9, signal: null, reason: { code: "exited" } });
  await house.api.start(app.id);
  await house.api.untilStatus(app.id, "started");
});

test("a port that a stranger took meanwhile is replaced at the next start, and a fixed one stays when it is fixed no longer", async () => {
  await house.api.stop(app.id);
  const { port } = (await house.api.untilStatus(app.id, "stopped")).value;
  const stranger = await listenOn(port ?? 0);
  await house.api.start(app.id);
  const healed = (await house.api.untilStatus(app.id, "started")).value;
  expect(healed.port).not.toBe(port);
  expect(await visit(healed)).toMatchObject({ status: 200 });
  stranger.close();
  const change = (body: unknown) => house.api.call("PATCH", `/api/instances/${app.id}`, body);
  await change({ port: 19_020 });
  const isAt = (wanted: number) => async () => {
    const seen = await house.api.instance(app.id);
    return seen.status === "started" && seen.port === wanted;
  };
  await until("it is at the port that was fixed", isAt(19_020), { limitMs: 20_000 });
  expect((await change({ port: null })).status).toBe(200);
  expect((await restart(app)).port).toBe(19_020);
});

test("a satellite's folder is made by its first start, and holds no installation", async () => {
  const moon = await satelliteOf(app, "Moon");
  expect(moon).toMatchObject({ status: "stopped", parent: app.id, autostart: false, port: null });
  expect(await readdir(join(house.nodeData, "instances"))).not.toContain("moon");
  await house.api.start(moon.id);
  const { value } = await house.api.untilStatus(moon.id, "started");
  expect(await readdir(folderOf("moon"))).toEqual([]);
  expect(await visit(value)).toMatchObject({ status: 200, text: folderOf("moon") });
  expect(await house.api.log(moon.id)).toContain(`launch of My.App__2 on ${value.port}`);
});

test("a family's script is its parent's: a satellite's is not written, and no family is taken apart", async () => {
  const moon = (await house.api.instances()).find(({ name }) => name === "Moon");
  if (!moon) throw new Error("no moon");
  const script = await refusal("PUT", `${moon.id}/files/launch.sh`, "echo mine\n");
  expect(script).toMatchObject({ code: "is_satellite", message: expect.stringContaining('"My.App__2"') });
  expect(await readdir(folderOf("moon"))).toEqual([]);
  expect(await readFile(join(folderOf("my-app-2"), "launch.sh"), "utf8")).toBe(FRAIL);
  expect((await refusal("POST", `${moon.id}/satellite`, { name: "Moon of a moon" })).code).toBe("is_satellite");
  for (const mode of ["trash", "permanent"]) {
    const { code, details } = await refusal("DELETE", app.id, { mode });
    expect([code, details]).toEqual(["has_satellites", { satellites: ["Moon"] }]);
  }
  await house.api.remove(moon.id);
  expect(await visit(app)).toMatchObject({ status: 200 });
});

test("a terminal takes AiKore's messages: plain text, a resize, and JSON that is neither", async () => {
  const headers = { Authorization: `Bearer ${house.adminKey}` };
  const shell = await openSocket({ port: house.port, path: `/api/instances/${app.id}/terminal`, headers });
  const shows = watch(shell);
  shell.send('{"type":"resize","rows":33,"cols":99}');
  shell.send("stty size; pwd; echo up-$((1+1))\n");
  await shows(/33 99\s[^]*my-app-2\s[^]*up-2/);
  shell.send("stty -echo; echo ready-$((1+1)); cat\n");
  await shows(/ready-2/);
  const typed = ['{"type":"resized"}', '{"rows":1,"cols":1}', '{"type":"resize"', "null", "42", '"resize"', "[1]"];
  for (const line of typed) shell.send(`${line}\n`);
  for (const line of typed) await shows(new RegExp(`^${line.replaceAll(/[[\]{}]/g, "\\$&")}\r?$`, "m"));
  shell.send("\u0004sleep 4000 & echo job-$!; echo\n");
  const pid = Number((await shows(/job-(\d+)/))[1]);
  expect(isAlive(pid)).toBe(true);
  shell.send('{"type":"close"}');
  await until("what was started in it has ended", () => !isAlive(pid));
});

test("the trash holds two of one name, and a deleted one's name and port are free at once", async () => {
  for (const round of [1, 2]) {
    const { id } = await house.api.install({ name: "Again", blueprint: "frail", port: 19_019 });
    await house.api.delete(`/api/instances/${id}`, { mode: "trash" });
    const trash = async () => (await house.api.get<{ items: TrashEntry[] }>(`/api/nodes/${app.node}/trash`)).items;
    const isThere = async () => (await trash()).filter(({ name }) => name === "Again").length === round;
    await until(`${round} of that name are in the trash`, isThere, { limitMs: 20_000 });
  }
});

test("an app below a script that sleeps on is a running one: it is stopped with all it started", async () => {
  await house.api.addBlueprint("sleeper", SLEEPS_ON);
  const { id } = await house.api.install({ name: "Sleeper", blueprint: "sleeper" });
  const itsOwn = house.keepers().flatMap(({ pid, command }) => (command.includes(id) ? treeOf(pid) : []));
  expect(itsOwn.map(({ command }) => command)).toContain("sleep infinity");
  await house.api.stop(id);
  expect((await house.api.untilStatus(id, "stopped")).value).toMatchObject({ exitCode: null, reason: null });
  expect(itsOwn.filter(({ pid }) => isAlive(pid))).toEqual([]);
});

test("an app may take more than 100 s to answer", async () => {
  const [answer] = await longAnswers;
  expect(answer).toMatchObject({ value: { status: 200, text: expect.stringContaining(`${LONG_MS}`) } });
});

test("a start adds to the log and takes nothing away: an offset leads on, over launches and over agents", async () => {
  const { next, content: first } = await logFrom(0);
  expect(first).toContain("launch of My.App__2");
  await restart(app);
  const second = await logFrom(next);
  expect(second.offset).toBe(next);
  expect(second.content).toContain("launch of My.App__2");
  expect((await logFrom(0)).content).toBe(first + second.content);
  const agent = await house.agentPid();
  killHard(agent);
  const isBack = async () => {
    const pid = await house.agentPid().catch(() => agent);
    return pid !== agent && (await logFrom(0).catch(() => undefined));
  };
  const { value } = await until("another agent tells the log", isBack, { limitMs: 20_000 });
  expect(value.content.startsWith(first + second.content)).toBe(true);
  expect(await visit(app)).toMatchObject({ status: 200 });
});

/** A program of somebody else. */
function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** Waits until the terminal has shown something. */
function watch(shell: WebSocket): (what: RegExp) => Promise<RegExpExecArray> {
  let seen = "";
  shell.on("message", (data: Buffer, isBinary: boolean) => {
    if (isBinary) seen += data.toString("latin1");
  });
  return async (what) =>
    (await until(`it shows ${what}`, () => what.exec(seen) ?? undefined, { seen: () => seen })).value;
}
