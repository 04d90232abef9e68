/** What AiKore's users do all day, with a script in its exact format: a junk first line, `sleep infinity` at the end. */
import { readFileSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { VersionReport } from "@roundhouse/protocol/api/versions";
import { type Answer, ask } from "./http.ts";
import { type House, openHouse } from "./house.ts";
import { until } from "./until.ts";

const SCRIPT = readFileSync(join(import.meta.dirname, "fixtures/workshop.sh"), "utf8");
/** Making an environment takes a while. */
const INSTALL_LIMIT_MS = 120_000;

let house: House;
let workshop: Instance;

beforeAll(async () => {
  house = await openHouse();
  await house.api.addBlueprint("Workshop", SCRIPT);
  workshop = await house.api.install({ name: "Workshop", blueprint: "Workshop" }, INSTALL_LIMIT_MS);
});
afterAll(() => house?.close());

/** Asks an app at its own URL, as somebody who may open it. */
async function visit(instance: Instance, path = "/"): Promise<Answer> {
  const cookie = await house.api.grantFor(instance.id);
  return ask({ port: house.port, host: new URL(instance.url).hostname, path, headers: { Cookie: cookie } });
}

/** The folder of the environment an instance's app runs in. */
async function prefixOf(instance: Instance): Promise<string> {
  return (await visit(instance)).text.split("\n")[0] ?? "";
}

const folderOf = (name: string): string => join(house.nodeData, "instances", name);
const outputsOf = (name: string): string => join(house.nodeData, "outputs", name);
const verb = (instance: Instance, name: string, body?: unknown): Promise<Instance> =>
  house.api.post<Instance>(`/api/instances/${instance.id}/${name}`, body);

test("the script runs unchanged, in an environment of its own", async () => {
  expect(await prefixOf(workshop)).toBe(join(folderOf("workshop"), "env"));
  expect((await house.api.log(workshop.id)).match(/Creating the environment/g)).toHaveLength(1);
});

test("what the app had in its folder of models is in the shared one, and outputs are in its own", async () => {
  expect(await readFile(join(house.nodeData, "models/workshop/own.bin"), "utf8")).toBe("weights\n");
  await visit(workshop, "/make/first.txt");
  expect(await readdir(outputsOf("Workshop"))).toEqual(["first.txt"]);
});

test("the death of its app is noticed though the script sleeps on, and it starts again without installing", async () => {
  await visit(workshop, "/die");
  const { value } = await house.api.untilStatus(workshop.id, "error");
  expect(value).toMatchObject({ exitCode: null, reason: { code: "app_gone" } });
  await house.api.start(workshop.id);
  await house.api.untilStatus(workshop.id, "started", INSTALL_LIMIT_MS);
  expect(await house.api.log(workshop.id)).not.toMatch(/Creating the environment[^]*Creating the environment/);
});

test("a family of three runs from one installation, all at once, each with a port, a log and outputs of its own", async () => {
  const family = [workshop];
  for (const name of ["Second", "Third"]) family.push(await verb(workshop, "satellite", { name, start: true }));
  for (const { id } of family) await house.api.untilStatus(id, "started", INSTALL_LIMIT_MS);
  const prefixes = await Promise.all(family.map(prefixOf));
  expect(new Set(prefixes)).toEqual(new Set([join(folderOf("workshop"), "env")]));
  for (const member of family) await visit(member, `/make/by-${member.slug}.txt`);
  expect(await readdir(outputsOf("Workshop"))).toEqual(["by-workshop.txt", "first.txt"]);
  expect(await readdir(outputsOf("Second"))).toEqual(["by-second.txt"]);
  expect(await readdir(outputsOf("Third"))).toEqual(["by-third.txt"]);
  const launches = await Promise.all(family.map(({ id }) => house.api.log(id)));
  const ports = launches.map((log) => /Launching: python main\.py (\d+)/.exec(log)?.[1]);
  expect(new Set(ports).size).toBe(3);
  for (const log of launches.slice(1)) expect(log).not.toContain("Creating the environment");
  const [, ...satellites] = family;
  for (const { id } of satellites) await house.api.remove(id);
});

test("a copy has an environment of its own that works when the original is gone", async () => {
  const copy = await verb(workshop, "copy", { name: "Copy" });
  await house.api.untilStatus(copy.id, "stopped", INSTALL_LIMIT_MS);
  await house.api.start(copy.id);
  const { value } = await house.api.untilStatus(copy.id, "started", INSTALL_LIMIT_MS);
  expect(await prefixOf(value)).toBe(join(folderOf("copy"), "env"));
  expect(await house.api.log(copy.id)).not.toContain("Creating the environment");
  const pip = await readFile(join(folderOf("copy"), "env/bin/pip"), "utf8");
  expect(pip).not.toContain(folderOf("workshop"));
  await house.api.remove(copy.id);
  expect((await stat(join(folderOf("workshop"), "env/bin/pip"))).isFile()).toBe(true);
});

test("renamed it has another URL, the old one leads there, and neither environment nor outputs move", async () => {
  const answer = await house.api.call("PATCH", `/api/instances/${workshop.id}`, { name: "My.App__2" });
  const renamed = JSON.parse(answer.text) as Instance;
  expect(renamed.slug).toBe("my-app-2");
  const old = await ask({ port: house.port, host: new URL(workshop.url).hostname, path: "/gallery?x=1" });
  expect(old.status).toBe(308);
  expect(old.headers.location).toBe(`${renamed.url}/gallery?x=1`);
  expect(await prefixOf(renamed)).toBe(join(folderOf("workshop"), "env"));
  await house.api.post(`/api/instances/${workshop.id}/restart`);
  await house.api.untilStatus(workshop.id, "started", INSTALL_LIMIT_MS);
  await visit(renamed, "/make/after.txt");
  expect(await readdir(outputsOf("Workshop"))).toContain("after.txt");
  workshop = renamed;
});

test("it answers at a host name of its own as well, and takes that with it", async () => {
  const at = (host: string) => ask({ port: house.port, host, path: "/" });
  expect((await at("workshop.localhost")).status).toBe(421);
  const patch = (hostname: string | null) => house.api.call("PATCH", `/api/instances/${workshop.id}`, { hostname });
  const named = JSON.parse((await patch("workshop.localhost")).text) as Instance;
  expect(named.url).toBe(`http://workshop.localhost:${house.port}`);
  await visit(named, "/make/named.txt");
  expect(await readdir(outputsOf("Workshop"))).toContain("named.txt");
  expect((await at("workshop.localhost")).status).toBe(401);
  await patch(null);
  expect((await at("workshop.localhost")).status).toBe(421);
});

test("launch_args.txt is added to the command, and a rebuild makes the environment anew", async () => {
  await writeFile(join(folderOf("workshop"), "launch_args.txt"), "--listen\n");
  const mark = join(folderOf("workshop"), "env/mark");
  await writeFile(mark, "");
  await verb(workshop, "rebuild");
  const isMadeAnew = () =>
    stat(mark).then(
      () => false,
      () => true,
    );
  await until("the environment is made anew", isMadeAnew, { limitMs: INSTALL_LIMIT_MS });
  await house.api.untilStatus(workshop.id, "started", INSTALL_LIMIT_MS);
  const log = await house.api.log(workshop.id);
  expect(log.match(/Creating the environment/g)).toHaveLength(2);
  expect(log).toMatch(/Launching: python main\.py \d+ +--listen/);
});

test("the version report names what is in the environment", async () => {
  const report = await house.api.post<VersionReport>(`/api/instances/${workshop.id}/version-check`);
  expect(report.environment).toMatchObject({ kind: "venv", path: join(folderOf("workshop"), "env") });
  expect(report.environment?.python).toMatch(/^3\.\d+/);
  expect(report.packages).toContainEqual({ name: "torch", version: null });
  expect(report.conflicts).toEqual([]);
});

test("put into the trash it comes back as it was", async () => {
  await house.api.stop(workshop.id);
  await house.api.untilStatus(workshop.id, "stopped");
  await house.api.delete(`/api/instances/${workshop.id}`, { mode: "trash" });
  const trash = `/api/nodes/${workshop.node}/trash`;
  const listed = async () => (await house.api.get<{ items: { id: string; name: string }[] }>(trash)).items[0];
  const { value: entry } = await until("it is in the trash", listed, { limitMs: 20_000 });
  const restored = await house.api.post<Instance>(`${trash}/${entry.id}/restore`);
  await house.api.untilStatus(restored.id, "stopped", INSTALL_LIMIT_MS);
  await house.api.start(restored.id);
  const { value } = await house.api.untilStatus(restored.id, "started", INSTALL_LIMIT_MS);
  expect(await house.api.log(restored.id)).not.toContain("Creating the environment");
  expect((await visit(value)).status).toBe(200);
});
