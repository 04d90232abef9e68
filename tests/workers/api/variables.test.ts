/** Variables of instances in the API: who may set what, what is refused, and that no race leaves one without its secret. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MAX_VARIABLES_BYTES_PER_NODE } from "@roundhouse/protocol/limits";
import { bytesOfVariables, type EnvironmentVariable } from "@roundhouse/protocol/variables";
import { readDesired } from "../../../workers/services/instance/desired.ts";
import { confirmDeleted } from "../../../workers/services/instance/observed.ts";
import { type Answer, type Harness, joinNode, makeHarness, makeInstance, makeKey, PRESET_KEY } from "./harness.ts";
import { makeSecret } from "./secrets.ts";

const as = PRESET_KEY;
const PLAIN = [{ name: "HF_HOME", value: "/models/hf" }];
let h: Harness;
let node: { id: string };
let secret: string;
let operator: string;
let count = 0;
beforeAll(async () => {
  h = await makeHarness();
  operator = (await makeKey(h, "operator")).key;
});
beforeEach(async () => {
  node = await joinNode(h);
  secret = await makeSecret(h);
});

const fresh = (): string => `variables ${(count += 1)}`;
const create = (env: unknown, extra: object = {}, key = as) => {
  return h.send("POST", "/api/instances", {
    as: key,
    body: { name: fresh(), blueprint: "hello", node: node.id, env, ...extra },
  });
};
const patch = (id: string, body: object, key = as) => h.send("PATCH", `/api/instances/${id}`, { as: key, body });
const act = (id: string, verb: string, body: object, key = as) =>
  h.send("POST", `/api/instances/${id}/${verb}`, { as: key, body: { name: fresh(), ...body } });
const wanted = async (id: string) => (await readDesired(h.db, node.id)).instances.find((one) => one.id === id);
const namesOf = async () => (await readDesired(h.db, node.id)).instances.map(({ name }) => name);
const installed = (id: string) =>
  h.env.DB.prepare("UPDATE instances SET observed_epoch = 1 WHERE id = ?").bind(id).run();
const pathOf = ({ body }: Answer) => (body.error.details as { path: string[] }[])[0]?.path;

/** Each way to a new instance, or to another wish of one, with the same variables. */
async function everyWay(env: unknown, key = as): Promise<Record<string, Answer>> {
  const id = await makeInstance(h, node.id);
  await installed(id);
  return {
    create: await create(env, {}, key),
    satellite: await act(id, "satellite", { env }, key),
    copy: await act(id, "copy", { env }, key),
    patch: await patch(id, { env }, key),
  };
}

describe("variables of an instance", () => {
  it("are shown and reach its node as they were written, whichever way they came", async () => {
    const env = [...PLAIN, { name: "HF_TOKEN", secret }];
    for (const [way, answer] of Object.entries(await everyWay(env))) {
      expect(answer.status, `${way}: ${answer.text}`).toBeLessThan(300);
      expect(answer.body, way).toMatchObject({ env });
      expect((await wanted(answer.body.id))?.env, way).toEqual(env);
    }
    expect((await create(undefined)).body).toMatchObject({ env: [] });
  });

  it("are a wish like any other: a change moves the generation, and launches a running app anew unless that shall wait", async () => {
    const id = await makeInstance(h, node.id, { start: true });
    const at = async () => [(await wanted(id))?.generation, (await wanted(id))?.epoch];
    expect(await at()).toEqual([1, 1]);
    await patch(id, { env: PLAIN });
    expect(await at()).toEqual([2, 2]);
    await patch(id, { env: PLAIN });
    expect(await at()).toEqual([2, 2]);
    await patch(id, { env: [], restart: false });
    expect(await at()).toEqual([3, 2]);
  });

  it("are a copy's as they are the original's, unless it gets its own; a satellite has its own", async () => {
    const env = [...PLAIN, { name: "HF_TOKEN", secret }];
    const id = await makeInstance(h, node.id, { env });
    await installed(id);
    expect((await act(id, "copy", {})).body).toMatchObject({ env });
    expect((await act(id, "copy", { env: [] })).body).toMatchObject({ env: [] });
    expect((await act(id, "satellite", {})).body).toMatchObject({ env: [] });
  });

  it("are refused at the very place that is wrong, and nothing is left behind", async () => {
    const before = await namesOf();
    for (const [env, path, words] of [
      [[...PLAIN, { name: "PATH", value: "/" }], ["env", "1", "name"], 'env.1.name: "PATH" is not valid'],
      [[{ name: "A" }], ["env", "0", "value"], "give a value, or the name of a secret"],
      [[...PLAIN, ...PLAIN], ["env", "1", "name"], "the same name"],
      [[...PLAIN, { name: "A", secret: "NOBODYS" }], ["env", "1", "secret"], 'there is no secret "NOBODYS"'],
    ] as const) {
      for (const [way, answer] of Object.entries(await everyWay(env))) {
        expect([answer.status, answer.body.error?.code], way).toEqual([400, "invalid_input"]);
        expect(pathOf(answer), way).toEqual(path);
        expect(answer.body.error.message.toLowerCase(), way).toContain(words.toLowerCase());
      }
    }
    // Only what `everyWay` begins with.
    expect(await namesOf()).toHaveLength(before.length + 4);
  });

  it("never repeat a value in what is said about it", async () => {
    const answer = await create([{ name: "A", value: `canary${"x".repeat(33_000)}` }]);
    expect([answer.status, pathOf(answer)]).toEqual([400, ["env", "0", "value"]]);
    expect(answer.text).not.toContain("canary");
  });

  it("have no name that tells a declared port, whichever of the two comes last", async () => {
    const ports = [{ name: "api", env: "API_PORT" }];
    const env = [...PLAIN, { name: "API_PORT", value: "8000" }];
    const [plain, declared] = [await makeInstance(h, node.id, { env }), await makeInstance(h, node.id, { ports })];
    await installed(declared);
    const refused = {
      create: await create(env, { ports }),
      satellite: await act(declared, "satellite", { env }),
      "satellite with ports": await act(plain, "satellite", { env, ports }),
      copy: await act(declared, "copy", { env }),
      "patch of variables": await patch(declared, { env }),
      "patch of ports": await patch(plain, { ports }),
      "patch of both": await patch(await makeInstance(h, node.id), { env, ports }),
    };
    for (const [way, answer] of Object.entries(refused)) {
      expect([answer.status, answer.body.error?.code], way).toEqual([400, "invalid_input"]);
      expect(pathOf(answer), way).toEqual(["env", "1", "name"]);
      expect(answer.body.error.message, way).toBe('env.1.name: "API_PORT" tells the number of the port "api".');
    }
    // The values as they will be are compared.
    expect((await patch(plain, { ports, env: PLAIN })).status).toBe(200);
    expect((await patch(declared, { ports: [], env })).status).toBe(200);
  });

  it("of a blueprint's own port are refused as well", async () => {
    const source = `### AIKORE-METADATA-START ###\n# roundhouse.ports = ui:auto:UI_PORT\n### AIKORE-METADATA-END ###\n`;
    await h.send("POST", "/api/blueprints", { as, body: { name: "ui-port", kind: "bash", source } });
    const refused = await create([{ name: "UI_PORT", value: "1" }], { blueprint: "ui-port" });
    expect([refused.status, pathOf(refused)]).toEqual([400, ["env", "0", "name"]]);
  });

  it("are in the API's document, with what they mean", async () => {
    const { body } = await h.send("GET", "/api/openapi.json");
    const { schemas } = (body as unknown as { components: { schemas: Record<string, Schema> } }).components;
    expect(schemas["EnvironmentVariable"]?.properties["secret"]?.description).toContain("an admin binds");
    expect(schemas["EnvironmentVariable"]?.examples).toEqual([{ name: "HF_TOKEN", secret: "HUGGING_FACE" }]);
    for (const name of ["CreateInstance", "CreateSatellite", "CopyInstance", "PatchInstance"]) {
      expect(JSON.stringify(schemas[name]?.properties["env"]), name).toContain("schemas/EnvironmentVariable");
      expect(JSON.stringify(schemas[name]?.properties["env"]), name).toContain("the whole list");
    }
    expect(schemas["Instance"]?.properties["env"]).toBeDefined();
  });
});
type Schema = { properties: Record<string, { description?: string }>; examples?: unknown };

describe("who is no admin", () => {
  it("binds no secret to an instance, by no way", async () => {
    for (const [way, answer] of Object.entries(await everyWay([...PLAIN, { name: "T", secret }], operator))) {
      expect([answer.status, answer.body.error?.code], way).toEqual([403, "forbidden"]);
      expect(pathOf(answer), way).toEqual(["env", "1", "secret"]);
    }
    // Not even what is no secret: who asks learns nothing of which there are.
    expect((await create([{ name: "T", secret: "NOBODYS" }], {}, operator)).status).toBe(403);
    for (const [way, answer] of Object.entries(await everyWay(PLAIN, operator))) {
      expect(answer.status, `${way}: ${answer.text}`).toBeLessThan(300);
    }
  });

  it("keeps what an admin has bound and changes the rest, also in a copy, and lets go of it", async () => {
    const bound = { name: "T", secret };
    const id = await makeInstance(h, node.id, { env: [bound] });
    await installed(id);
    expect((await patch(id, { env: [...PLAIN, bound] }, operator)).body).toMatchObject({ env: [...PLAIN, bound] });
    expect((await act(id, "copy", {}, operator)).body).toMatchObject({ env: [...PLAIN, bound] });
    expect((await act(id, "copy", { env: [bound] }, operator)).status).toBe(201);
    const other = { name: "U", secret: await makeSecret(h) };
    for (const refused of [
      await patch(id, { env: [bound, other] }, operator),
      await act(id, "copy", { env: [bound, other] }, operator),
    ]) {
      expect([refused.status, pathOf(refused)]).toEqual([403, ["env", "1", "secret"]]);
    }
    expect((await patch(id, { env: PLAIN }, operator)).status).toBe(200);
    expect((await patch(id, { env: [bound] }, operator)).status).toBe(403);
  });

  it("and only looks sees values and the names of secrets, and sets nothing", async () => {
    const viewer = (await makeKey(h, "viewer")).key;
    const env = [...PLAIN, { name: "T", secret }];
    const id = await makeInstance(h, node.id, { env });
    expect((await h.send("GET", `/api/instances/${id}`, { as: viewer })).body).toMatchObject({ env });
    for (const answer of Object.values(await everyWay(PLAIN, viewer))) expect(answer.status).toBe(403);
  });
});

describe("a secret of an instance", () => {
  const remove = (name: string) => h.send("DELETE", `/api/secrets/${name}`, { as });
  const usersOf = async (name: string) =>
    (await h.send("GET", "/api/secrets?limit=500", { as })).body.items.find((one) => one["name"] === name)?.["usedBy"];

  it("names the instance once, and is not removed before it lets go of it or is deleted", async () => {
    const env = [
      { name: "A", secret },
      { name: "B", secret },
      { name: "C", value: "OTHER" },
    ];
    const { id, name } = (await create(env)).body as unknown as { id: string; name: string };
    expect(await usersOf(secret)).toEqual([{ kind: "instance", id, name }]);
    const refused = await remove(secret);
    expect([refused.status, refused.body.error.code]).toEqual([409, "secret_in_use"]);
    expect(refused.body.error.message).toContain(`the instance "${name}"`);
    await patch(id, { env: PLAIN });
    expect(await usersOf(secret)).toEqual([]);
    await patch(id, { env });
    await h.send("DELETE", `/api/instances/${id}`, { as });
    expect(await usersOf(secret)).toEqual([]);
    expect((await remove(secret)).status).toBe(204);
  });

  it("and its removal exclude each other, whichever comes first", async () => {
    const target = await makeInstance(h, node.id);
    for (let round = 0; round < 12; round += 1) {
      const name = await makeSecret(h);
      const env = [{ name: "T", secret: name }];
      const bind = round % 2 === 0 ? create(env) : patch(target, { env });
      const [bound, removed] = await Promise.all([bind, remove(name)]);
      expect([bound.status < 300, removed.status === 204].filter(Boolean), `${round}: ${bound.text}`).toHaveLength(1);
      if (removed.status === 204) expect(pathOf(bound)).toEqual(["env", "0", "secret"]);
    }
    const known = (await h.send("GET", "/api/secrets?limit=500", { as })).body.items.map((one) => one["name"]);
    const used = (await readDesired(h.db, node.id)).instances.flatMap(({ env }) => env.map((one) => one.secret));
    for (const name of used) expect(known).toContain(name);
  });

  it("that goes between the check and the write leaves no instance and no change with its name", async () => {
    const target = await makeInstance(h, node.id, { env: PLAIN });
    const before = await namesOf();
    for (const bind of [create, (env: unknown) => patch(target, { env })]) {
      const name = await makeSecret(h);
      const bound = await whileRemoving(name, () => bind([...PLAIN, { name: "T", secret: name }]));
      expect([bound.status, pathOf(bound)], bound.text).toEqual([400, ["env", "1", "secret"]]);
    }
    expect(await namesOf()).toEqual(before);
    expect(await wanted(target)).toMatchObject({ generation: 1, env: PLAIN });
  });

  /** The secret goes right before each transaction. */
  async function whileRemoving(name: string, act: () => Promise<Answer>): Promise<Answer> {
    const real = h.env.DB;
    const batch: D1Database["batch"] = async (statements) => {
      await real.prepare("DELETE FROM secrets WHERE name = ?").bind(name).run();
      return real.batch(statements);
    };
    h.env.DB = { prepare: real.prepare.bind(real), batch } as D1Database;
    try {
      return await act();
    } finally {
      h.env.DB = real;
    }
  }

  it("is told by name in the audit log, if at all, and no variable's value is", async () => {
    await h.env.DB.prepare("DELETE FROM audit").run();
    const env = [{ name: "A", value: "canary-of-a-value" }];
    const id = await makeInstance(h, node.id, { env });
    await patch(id, { env: [...env, { name: "T", secret: await makeSecret(h, "canary-of-a-secret") }] });
    const { results } = await h.env.DB.prepare("SELECT * FROM audit").all();
    expect(results.length).toBeGreaterThan(2);
    expect(JSON.stringify(results)).not.toContain("canary");
  });
});

describe("the variables of one node", () => {
  const big = (): EnvironmentVariable[] => [
    { name: "A", value: "x".repeat(32_000) },
    { name: "B", value: "x".repeat(32_000) },
  ];
  const bytes = async () =>
    (await readDesired(h.db, node.id)).instances.reduce((sum, { env }) => sum + bytesOfVariables(env), 0);

  it("are never more than it can be told, however many ask at once, tombstones included", async () => {
    const answers = await Promise.all(Array.from({ length: 7 }, () => create(big())));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(4);
    expect(await bytes()).toBeLessThanOrEqual(MAX_VARIABLES_BYTES_PER_NODE);
    for (const refused of answers.filter(({ status }) => status !== 201)) {
      expect([refused.body.error.code, pathOf(refused)]).toEqual(["invalid_input", ["env"]]);
    }
    const [first, second] = made.map(({ body }) => body.id);
    await h.send("DELETE", `/api/instances/${first}`, { as });
    expect((await create(big())).status).toBe(400);
    await confirmDeleted(h.db, node.id, [first ?? ""]);
    expect((await create(big())).status).toBe(201);
    // Another node has its own.
    expect((await create(big(), { node: (await joinNode(h)).id })).status).toBe(201);
    const empty = await makeInstance(h, node.id);
    const patched = await Promise.all([patch(second ?? "", { env: PLAIN }), patch(empty, { env: big() })]);
    expect(patched[0].status).toBe(200);
    expect(await bytes()).toBeLessThanOrEqual(MAX_VARIABLES_BYTES_PER_NODE);
  });

  it("can always be made less, also where they are too many", async () => {
    const { id } = (await create(big())).body;
    const long = JSON.stringify([{ name: "A", value: "x".repeat(MAX_VARIABLES_BYTES_PER_NODE) }]);
    const other = await makeInstance(h, node.id);
    await h.env.DB.prepare("UPDATE instances SET env = ? WHERE id = ?").bind(long, other).run();
    expect((await patch(id, { env: [...big(), ...PLAIN] })).status).toBe(400);
    expect((await patch(id, { env: big().slice(1) })).status).toBe(200);
    expect((await patch(other, { env: big() })).status).toBe(200);
  });
});

describe("what comes back from the trash", () => {
  it("has its values and declared ports, but no secret, and nothing that a person could not set", async () => {
    const ports = [{ name: "api", port: null, env: "API_PORT" }];
    const id = await makeInstance(h, node.id, { env: [...PLAIN, { name: "T", secret }], ports });
    const desired = await wanted(id);
    await h.send("DELETE", `/api/instances/${id}`, { as });
    await confirmDeleted(h.db, node.id, [id]);
    // The node is free to say what it likes.
    const told = { ...desired, env: [...(desired?.env ?? []), { name: "LD_PRELOAD", value: "/x.so" }] };
    h.agent.answer = () => Response.json({ desired: told, source: "#!/bin/bash\n" });
    const restored = await h.send("POST", `/api/nodes/${node.id}/trash/entry/restore`, { as, body: {} });
    expect(restored.status, restored.text).toBe(201);
    expect((await wanted(restored.body.id))?.env).toEqual(PLAIN);
    expect((await wanted(restored.body.id))?.ports).toEqual(ports);
    h.agent.answer = () => undefined;
  });
});
