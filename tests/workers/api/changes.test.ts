/** Changes of an instance: what follows at once, what launches anew, and what is refused whole. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Harness, joinNode, makeHarness, makeInstance, PRESET_KEY } from "./harness.ts";

let h: Harness;
let node: { id: string };

beforeAll(async () => {
  h = await makeHarness();
});
beforeEach(async () => {
  node = await joinNode(h);
});

const as = PRESET_KEY;
const patch = (id: string, body: unknown) => h.send("PATCH", `/api/instances/${id}`, { as, body });
const act = (id: string, verb: string, body?: unknown) => h.send("POST", `/api/instances/${id}/${verb}`, { as, body });
const columnsOf = (id: string) => h.env.DB.prepare("SELECT * FROM instances WHERE id = ?").bind(id).first();

describe("a rename", () => {
  it("gives another slug, keeps the folder, and pins where outputs go", async () => {
    const id = await makeInstance(h, node.id, { name: "Old name" });
    const { body } = await patch(id, { name: "My.App__2" });
    expect(body).toMatchObject({
      slug: "my-app-2",
      url: "http://my-app-2.apps.localhost:8787",
      outputPath: "Old name",
    });
    expect(await columnsOf(id)).toMatchObject({ folder: "old-name" });
    expect(h.calls).toContainEqual({ object: node.id, method: "poke" });
  });

  it("takes the folder for outputs that comes with it", async () => {
    const id = await makeInstance(h, node.id, { name: "Both at once" });
    expect((await patch(id, { name: "Both changed", outputPath: "elsewhere" })).body).toMatchObject({
      ...{ slug: "both-changed", outputPath: "elsewhere" },
    });
    expect((await patch(id, { name: "And again", outputPath: null })).body).toMatchObject({ outputPath: null });
  });

  it("that comes with another outputs folder takes that one", async () => {
    const id = await makeInstance(h, node.id, { name: "Moves both" });
    const { body } = await patch(id, { name: "Moved", outputPath: "made" });
    expect(body).toMatchObject({ slug: "moved", outputPath: "made" });
  });

  it("never gives a slug or a folder that another has or had, and one may take one's own back", async () => {
    const id = await makeInstance(h, node.id, { name: "Former" });
    await patch(id, { name: "Present" });
    const other = await makeInstance(h, node.id, { name: "Former" });
    expect(await columnsOf(other)).toMatchObject({ slug: "former-2", folder: "former-2" });
    await patch(other, { name: "Elsewhere" });
    expect((await patch(id, { name: "Former" })).status).toBe(200);
    expect(await columnsOf(id)).toMatchObject({ slug: "former", folder: "former" });
    const { results } = await h.env.DB.prepare("SELECT slug FROM former_slugs WHERE instance_id = ?").bind(id).all();
    expect(results).toEqual([{ slug: "present" }]);
  });

  it("[RC14] never brings another's outputs into its own: whoever takes the former name gets a folder of another name", async () => {
    const id = await makeInstance(h, node.id, { name: "Atelier" });
    await patch(id, { name: "Studio" });
    const next = await makeInstance(h, node.id, { name: "Atelier" });
    const moon = (await act(id, "satellite", { name: "Moon of it" })).body["id"];
    await patch(moon, { name: "Atelier II" });
    const last = (await act(id, "satellite", { name: "Moon of it" })).body["id"];
    const outputs = async (of: string) => (await columnsOf(of))?.["output_path"] ?? (await columnsOf(of))?.["name"];
    const all = await Promise.all([id, next, moon, last].map(outputs));
    expect(all[0]).toBe("Atelier");
    expect(new Set(all).size).toBe(4);
    // Two that are meant to share are left to.
    const sharing = await makeInstance(h, node.id, { name: "Sharing", outputPath: "Atelier" });
    expect(await outputs(sharing)).toBe("Atelier");
  });

  it("gives many at one moment a slug each, and a host name to one", async () => {
    const ids = await Promise.all(
      ["a", "b", "c", "d"].map((name) => makeInstance(h, node.id, { name: `racer ${name}` })),
    );
    const renamed = await Promise.all(ids.map((id, at) => patch(id, { name: `Race${"!".repeat(at + 1)}` })));
    expect(renamed.map(({ body }) => body["slug"]).toSorted()).toEqual(["race", "race-2", "race-3", "race-4"]);
    const named = await Promise.all(ids.map((id) => patch(id, { hostname: "race.localhost" })));
    expect(named.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
    expect(named.find(({ status }) => status === 409)?.body["error"].code).toBe("hostname_taken");
  });

  it("that is refused changes nothing of what came with it", async () => {
    await makeInstance(h, node.id, { name: "Taken" });
    const id = await makeInstance(h, node.id, { name: "Mine" });
    const before = await columnsOf(id);
    expect((await patch(id, { name: "TAKEN", autostart: true })).body["error"].code).toBe("name_taken");
    expect((await patch(id, { name: "Free", blueprint: "no-such" })).body["error"].code).toBe("unknown_blueprint");
    expect(await columnsOf(id)).toEqual(before);
  });
});

describe("what an app reads only at its launch", () => {
  it.each([
    [{ gpuIds: ["1"] }, 2],
    [{ port: 19007 }, 2],
    [{ outputPath: "elsewhere" }, 2],
    [{ pythonVersion: "3.12" }, 2],
    [{ gpuIds: ["1"], restart: false }, 1],
    [{ name: "Another name", autostart: true, restartPolicy: "always" }, 1],
    [{ gpuIds: [] }, 1],
  ])("%j leads to launch %i of a running one", async (change, epoch) => {
    const id = await makeInstance(h, node.id, { start: true });
    expect((await patch(id, change)).status).toBe(200);
    expect(await columnsOf(id)).toMatchObject({ epoch });
  });

  it("waits for the next start of one that is stopped", async () => {
    const id = await makeInstance(h, node.id);
    await patch(id, { gpuIds: ["1"] });
    expect(await columnsOf(id)).toMatchObject({ epoch: 0, desired: "stopped" });
  });
});

describe("another blueprint", () => {
  const script = (word: string) => `#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = ${word}
### AIKORE-METADATA-END ###
echo ${word}`;
  const addBlueprint = (name: string, word = name) =>
    h.send("POST", "/api/blueprints", { as, body: { name, kind: "bash", source: script(word) } });

  it("pins its source for the instance and its satellites, and launches anew", async () => {
    await addBlueprint("first-one");
    await addBlueprint("second-one");
    const id = await makeInstance(h, node.id, { blueprint: "first-one", start: true });
    const moon = (await act(id, "satellite", { name: "Its moon" })).body["id"];
    const before = await columnsOf(id);
    expect((await patch(id, { blueprint: "second-one" })).body).toMatchObject({ blueprint: "second-one" });
    const after = await columnsOf(id);
    expect(after).toMatchObject({ blueprint_name: "second-one", epoch: 2 });
    expect(after?.["blueprint_digest"]).not.toBe(before?.["blueprint_digest"]);
    expect(await columnsOf(moon)).toMatchObject({ blueprint_digest: after?.["blueprint_digest"] });
    expect((await patch(moon, { blueprint: "first-one" })).body["error"].code).toBe("is_satellite");
  });

  it("is its newest source for update, which also launches anew what has it already", async () => {
    const made = await addBlueprint("edited-one");
    const id = await makeInstance(h, node.id, { blueprint: "edited-one", start: true });
    const before = await columnsOf(id);
    await h.send("PUT", `/api/blueprints/${made.body["id"]}`, { as, body: { source: script("newer") } });
    expect((await act(id, "update")).status).toBe(202);
    const after = await columnsOf(id);
    expect(after?.["blueprint_digest"]).not.toBe(before?.["blueprint_digest"]);
    expect(after).toMatchObject({ epoch: 2 });
    await act(id, "update");
    expect(await columnsOf(id)).toMatchObject({ epoch: 3, blueprint_digest: after?.["blueprint_digest"] });
  });
});

describe("update", () => {
  it("has the image of a container pulled, and leaves the environment of a script", async () => {
    const body = { name: "of-an-image", kind: "container", source: "image: app:1" };
    await h.send("POST", "/api/blueprints", { as, body });
    const container = await makeInstance(h, node.id, { blueprint: body.name });
    const ofScript = await makeInstance(h, node.id);
    for (const id of [container, ofScript]) expect((await act(id, "update")).status).toBe(202);
    expect(await columnsOf(container)).toMatchObject({ rebuilds: 1, epoch: 0 });
    expect(await columnsOf(ofScript)).toMatchObject({ rebuilds: 0, epoch: 0 });
  });
});

describe("rebuild and reset", () => {
  it.each([
    ["rebuild", "rebuilds"],
    ["reset", "resets"],
  ])("%s counts, and launches anew only what runs", async (verb, column) => {
    const runs = await makeInstance(h, node.id, { start: true });
    const rests = await makeInstance(h, node.id, { name: `At rest ${verb}` });
    for (const id of [runs, rests]) expect((await act(id, verb)).status).toBe(202);
    expect(await columnsOf(runs)).toMatchObject({ [column]: 1, epoch: 2, desired: "running" });
    expect(await columnsOf(rests)).toMatchObject({ [column]: 1, epoch: 0, desired: "stopped" });
  });

  it.each(["rebuild", "reset"])("%s is refused for a satellite, and while one runs, which is named", async (verb) => {
    const id = await makeInstance(h, node.id);
    const moon = (await act(id, "satellite", { name: `Moon ${verb}`, start: true })).body["id"];
    expect((await act(moon, verb)).body["error"].code).toBe("is_satellite");
    const refused = await act(id, verb);
    expect(refused.body["error"]).toMatchObject({ code: "conflict", details: { satellites: [`Moon ${verb}`] } });
    await act(moon, "stop");
    expect((await act(id, verb)).status).toBe(202);
  });
});

describe("a copy", () => {
  it("is asked for with its origin, and is installing until its node answers", async () => {
    const id = await makeInstance(h, node.id, { start: true, pythonVersion: "3.12" });
    await h.env.DB.prepare("UPDATE instances SET observed_epoch = 1 WHERE id = ?").bind(id).run();
    const copy = await act(id, "copy", { name: "Copy" });
    expect([copy.status, copy.body]).toMatchObject([
      201,
      { status: "installing", pythonVersion: "3.12", parent: null },
    ]);
    expect(await columnsOf(copy.body["id"])).toMatchObject({
      origin: JSON.stringify({ kind: "copy", of: id }),
    });
  });

  it("is refused of what was never installed, and of a satellite", async () => {
    const id = await makeInstance(h, node.id);
    expect((await act(id, "copy", { name: "Copy of nothing" })).body["error"].code).toBe("not_installed");
    const moon = (await act(id, "satellite", { name: "Lone moon" })).body["id"];
    expect((await act(moon, "copy", { name: "Copy of a moon" })).body["error"].code).toBe("is_satellite");
  });
});
