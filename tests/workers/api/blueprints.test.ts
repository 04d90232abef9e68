import { beforeAll, describe, expect, it } from "vitest";
import { findSource } from "../../../workers/services/blueprint/source.ts";
import { readDesired } from "../../../workers/services/instance/desired.ts";
import { confirmDeleted } from "../../../workers/services/instance/observed.ts";
import { type Harness, joinNode, makeHarness, makeInstance, PRESET_KEY } from "./harness.ts";

let h: Harness;
const as = PRESET_KEY;
const SCRIPT = `#!/bin/bash
### AIKORE-METADATA-START ###
# aikore.name = My Tool
# aikore.category = Tools
### AIKORE-METADATA-END ###
echo hi
`;
beforeAll(async () => {
  h = await makeHarness();
});
const create = (name: string, source = SCRIPT, kind = "bash") =>
  h.send("POST", "/api/blueprints", { as, body: { name, kind, source } });

describe("a container blueprint", () => {
  it("is refused with what is wrong, at its lines, and by name what is never given", async () => {
    const source = "image: app:1\nprivileged: true\nport: 0\n";
    const { status, body } = await create("root-of-all", source, "container");
    expect([status, body.error]).toMatchObject([
      400,
      {
        code: "bad_blueprint",
        details: {
          problems: [
            { line: 2, key: "privileged", message: expect.stringContaining("never given") },
            { line: 3, key: "port" },
          ],
        },
      },
    ]);
  });

  it("gives its instances its kind and its ports", async () => {
    await create("two-doors", "image: app:1\nport: 80\nports: { api: 9000 }\n", "container");
    const node = await joinNode(h, "dock");
    const body = { name: "Two Doors", blueprint: "two-doors", node: node.id };
    const made = await h.send("POST", "/api/instances", { as, body });
    expect(made.body).toMatchObject({ kind: "container", blueprint: "two-doors" });
    const { instances } = await readDesired(h.db, node.id);
    expect(instances[0]?.ports).toEqual([{ name: "api", port: null, env: "PORT_API" }]);
  });
});

describe("the catalogue", () => {
  it("has what is shipped, with title, readme, source and icon", async () => {
    const list = await h.send("GET", "/api/blueprints", { as });
    expect(list.body.items.map((item) => item["name"])).toEqual(
      expect.arrayContaining(["comfyui", "hello", "jupyter", "node-red"]),
    );
    const one = await h.send("GET", "/api/blueprints/node-red", { as });
    expect(one.body).toMatchObject({
      id: "node-red",
      title: "Node-RED",
      kind: "bash",
      origin: "shipped",
      icon: "/api/blueprints/node-red/icon",
    });
    expect(one.text).toContain("AIKORE-METADATA-START");
    const icon = await h.send("GET", "/api/blueprints/node-red/icon");
    expect(icon.headers.get("content-type")).toContain("image/svg+xml");
    expect(icon.headers.get("content-security-policy")).toContain("sandbox");
    expect(icon.text).toContain("<svg");
    expect((await h.send("GET", "/api/blueprints/nothing/icon")).status).toBe(404);
  });

  it("takes custom blueprints, lists them by name among the shipped, and changes only those", async () => {
    const made = await create("Alpha_1");
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      name: "Alpha_1",
      title: "My Tool",
      category: "Tools",
      origin: "custom",
      icon: null,
    });
    const first = await h.send("GET", "/api/blueprints?limit=2", { as });
    expect(first.body.items.map((item) => item["name"])).toEqual(["Alpha_1", "comfyui"]);
    const next = await h.send("GET", `/api/blueprints?limit=2&cursor=${first.body.cursor}`, { as });
    expect(next.body.items.map((item) => item["name"])).toEqual(["hello", "jupyter"]);
    const put = await h.send("PUT", `/api/blueprints/${made.body.id}`, {
      as,
      body: { source: SCRIPT.replace("My Tool", "Mine") },
    });
    expect(put.body).toMatchObject({ title: "Mine" });
    for (const method of ["PUT", "DELETE"]) {
      const shipped = await h.send(method, "/api/blueprints/hello", { as, body: { source: SCRIPT } });
      expect(shipped.body.error).toMatchObject({ code: "forbidden", hint: expect.stringContaining("another name") });
    }
    expect((await h.send("DELETE", "/api/blueprints/ALPHA_1", { as })).status).toBe(204);
  });

  it("refuses a bash blueprint without metadata and shows the block to add", async () => {
    const answer = await create("bare", "echo hi\n");
    expect([answer.status, answer.body.error.code]).toEqual([400, "blueprint_without_metadata"]);
    expect(answer.body.error.hint).toContain("# aikore.name = bare");
  });

  it("names the line and the key of what is wrong in a header, and tells what is merely odd in its answer", async () => {
    const bad = SCRIPT.replace("# aikore.category = Tools", "# roundhouse.needs_dsk = 5GiB\n# aikore.needs_gpu = big");
    const refused = await create("wrong", bad);
    expect(refused.status).toBe(400);
    expect(refused.body.error).toMatchObject({
      code: "bad_blueprint",
      message:
        "source: line 4, needs_dsk: there is no such key; did you mean roundhouse.needs_disk?; " +
        'line 5, needs_gpu: "big" is not one of any, nvidia, amd, intel.',
      details: {
        problems: [
          { line: 4, key: "needs_dsk", severity: "error" },
          { line: 5, key: "needs_gpu" },
        ],
      },
    });
    const made = await create("odd", SCRIPT.replaceAll("\n", "\r\n"));
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ title: "My Tool", warnings: [{ line: 1, key: null, severity: "warning" }] });
    const put = await h.send("PUT", "/api/blueprints/odd", { as, body: { source: bad } });
    expect(put.body.error).toMatchObject({ code: "bad_blueprint" });
    expect((await h.send("GET", "/api/blueprints/odd", { as })).body).toMatchObject({ title: "My Tool" });
    expect((await h.send("PUT", "/api/blueprints/odd", { as, body: { source: SCRIPT } })).body["warnings"]).toEqual([]);
  });

  it("lists what has no category without one, and refuses an empty script with the reason", async () => {
    const nameOnly = SCRIPT.replace("# aikore.category = Tools\n", "");
    expect((await create("bare-header", nameOnly)).body).toMatchObject({ title: "My Tool", category: null });
    const empty = await create("empty", "\n");
    expect(empty.body.error).toMatchObject({
      code: "bad_blueprint",
      message: expect.stringContaining("the script is empty, so there is nothing to run"),
    });
    // As AiKore's empty.sh, and as scripts older than headers: a row of 0 bytes spoils neither the list nor its own page.
    const row =
      "INSERT INTO blueprints (id, name, kind, title, source, created_at, updated_at) VALUES (?, ?, ?, ?, '', 0, 0)";
    await h.env.DB.prepare(row).bind("bp_empty", "empty", "bash", "empty").run();
    const { items } = (await h.send("GET", "/api/blueprints?limit=500", { as })).body;
    expect(items.find((item) => item["name"] === "empty")).toMatchObject({ title: "empty", category: null });
    expect((await h.send("GET", "/api/blueprints/empty", { as })).status).toBe(200);
    for (const name of ["empty", "bare-header"]) await h.send("DELETE", `/api/blueprints/${name}`, { as });
  });

  it("refuses a name that a shipped or custom blueprint has, in any case", async () => {
    await create("taken");
    for (const name of ["HELLO", "Taken"]) expect((await create(name)).body.error.code).toBe("name_taken");
    const bad = await create("no spaces please");
    expect(bad.body.error.message).toContain('"no spaces please"');
  });

  it("refuses a source that is too long without repeating all of it", async () => {
    const answer = await create("long", SCRIPT + "#".repeat(256 * 1024));
    expect(answer.body.error.code).toBe("invalid_input");
    expect(answer.text.length).toBeLessThan(1000);
  });
});

describe("an instance's source", () => {
  it("stays the one that was chosen, until nobody needs it", async () => {
    const { id } = (await create("pinned")).body;
    const node = await joinNode(h);
    const instance = await makeInstance(h, node.id, { blueprint: id });
    await h.send("PUT", `/api/blueprints/${id}`, { as, body: { source: `${SCRIPT}# changed\n` } });
    const [wanted] = (await readDesired(h.db, node.id)).instances;
    const digest = wanted?.blueprint.digest ?? "";
    expect(await findSource(h.db, digest)).toEqual({ digest, name: "pinned", kind: "bash", source: SCRIPT });
    const inUse = await h.send("DELETE", `/api/blueprints/${id}`, { as });
    expect(inUse.body.error).toMatchObject({ code: "blueprint_in_use", message: expect.stringContaining("app") });
    await h.send("DELETE", `/api/instances/${instance}`, { as });
    expect(await confirmDeleted(h.db, node.id, [instance])).toEqual([instance]);
    expect(await findSource(h.db, digest)).toBeUndefined();
    expect((await h.send("DELETE", `/api/blueprints/${id}`, { as })).status).toBe(204);
  });
});
