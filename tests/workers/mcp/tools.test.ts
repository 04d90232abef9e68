import type { Role } from "@roundhouse/protocol/api/common";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { type Harness, joinNode, makeHarness, makeInstance, makeKey, PRESET_KEY } from "../api/harness.ts";
import { callTool, listTools, refusal } from "./client.ts";

const READING = [
  "list_nodes",
  "list_instances",
  "get_instance",
  "read_instance_log",
  "list_jobs",
  "get_run",
  "list_approvals",
];
const CHANGING = [
  "start_instance",
  "stop_instance",
  "restart_instance",
  "open_instance",
  "run_job",
  "cancel_run",
  "answer_approval",
];
let h: Harness;
let keys: Record<Role, string>;
let node: { id: string; name: string };

beforeAll(async () => {
  h = await makeHarness();
  const roles = ["viewer", "operator", "admin"] as const;
  keys = Object.fromEntries(await Promise.all(roles.map(async (role) => [role, (await makeKey(h, role)).key])));
  node = await joinNode(h, "mcp box");
});

const namesFor = async (as: string) => (await listTools(h, { as })).map(({ name }) => name).toSorted();

describe("the list of tools", () => {
  it("has for each role what it may use: a viewer reads, operators and admins do both", async () => {
    const all = [...READING, ...CHANGING].toSorted();
    expect(await namesFor(keys.viewer)).toEqual(READING.toSorted());
    expect(await namesFor(keys.operator)).toEqual(all);
    expect(await namesFor(keys.admin)).toEqual(all);
  });

  it("says of each tool what it does, takes and answers, and whether it changes anything", async () => {
    for (const tool of await listTools(h)) {
      expect(tool.description.length, tool.name).toBeGreaterThan(60);
      expect(tool.title, tool.name).not.toBe("");
      expect(tool.annotations["readOnlyHint"], tool.name).toBe(READING.includes(tool.name));
      expect(tool.inputSchema, tool.name).toMatchObject({ type: "object", additionalProperties: false });
      expect(tool.outputSchema, tool.name).toMatchObject({ type: "object" });
      for (const [name, property] of Object.entries(tool.inputSchema.properties)) {
        expect(property, `${tool.name}.${name}`).toHaveProperty("description");
      }
      expect(JSON.stringify(tool), tool.name).not.toMatch(/\$ref|\$schema|9007199254740991/);
    }
    const hints = Object.fromEntries((await listTools(h)).map(({ name, annotations }) => [name, annotations]));
    expect(hints["stop_instance"]).toMatchObject({ destructiveHint: true, idempotentHint: true });
    expect(hints["start_instance"]).toMatchObject({ destructiveHint: false, idempotentHint: true });
    expect(hints["run_job"]).toMatchObject({ destructiveHint: true, idempotentHint: false });
  });

  it("stays small enough for a model to read", async () => {
    expect(JSON.stringify(await listTools(h)).length).toBeLessThan(32 * 1024);
  });
});

describe("a tool beyond the role", () => {
  it("is refused with the role it needs, before its arguments are looked at, and changes nothing", async () => {
    const id = await makeInstance(h, node.id);
    h.calls.length = 0;
    for (const name of CHANGING) {
      for (const args of [{}, { instance: id, run: "rn_x", job: "x", approval: "x", decision: "approve" }]) {
        const text = await refusal(h, name, args, { as: keys.viewer });
        expect(text, name).toBe(
          "forbidden: This needs the role operator; you have viewer.\nAsk an admin for the role.",
        );
      }
    }
    expect(h.calls).toEqual([]);
  });

  it("is told by the key's role as it is at that moment", async () => {
    const { id, key } = await makeKey(h, "operator");
    await h.env.DB.prepare("UPDATE api_keys SET role = 'viewer' WHERE id = ?").bind(id).run();
    expect(await refusal(h, "stop_instance", { instance: "x" }, { as: key })).toContain("you have viewer");
  });
});

describe("errors", () => {
  it("name each wrong argument, and what the tool takes", async () => {
    expect(await refusal(h, "get_instance")).toBe(
      "invalid_input: instance: missing. Must be a text.\nCorrect the arguments; the tool's inputSchema describes each of them.",
    );
    expect(await refusal(h, "get_instance", { id: "in_1", instance: "in_1" })).toContain('Must not have "id"');
    expect(await refusal(h, "list_nodes", { limit: 0 })).toContain("limit: 0 is not valid");
    expect(await refusal(h, "answer_approval", { approval: "a", decision: "maybe" })).toContain('"approve" or "deny"');
    expect(await refusal(h, "list_nodes", { cursor: "nonsense" })).toMatch(/^invalid_input: cursor/);
  });

  it("are those of the services, with tools in place of routes", async () => {
    expect(await refusal(h, "start_instance", { instance: "nothing" })).toBe(
      'not_found: There is no instance "nothing".\nlist_instances lists them.',
    );
    expect(await refusal(h, "run_job", { job: "nothing" })).toContain("list_jobs lists them");
    expect(await refusal(h, "answer_approval", { approval: "x", decision: "deny" })).toContain("list_approvals");
    const id = await makeInstance(h, node.id);
    expect(await refusal(h, "read_instance_log", { instance: id })).toMatch(/^node_offline: /);
  });

  it("that nobody foresaw are told without their text", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const id = await makeInstance(h, node.id);
    h.agent.answer = () => Promise.reject(new Error("secret stack"));
    expect(await refusal(h, "read_instance_log", { instance: id })).toBe(
      "internal: Something went wrong on our side.\nLook at the server's log.",
    );
    expect(logged).toHaveBeenCalled();
    h.agent.answer = () => undefined;
    logged.mockRestore();
  });
});

describe("a list", () => {
  it("is cut into pages, and its text says how to go on", async () => {
    for (let count = 0; count < 3; count += 1) await joinNode(h, `paged ${count}`);
    const first = await callTool(h, "list_nodes", { limit: 2 }, { as: keys.viewer });
    const { cursor } = first.structuredContent as unknown as { cursor: string };
    expect(first.content[0]?.text).toContain(`call this again with cursor "${cursor}"`);
    const second = await callTool(h, "list_nodes", { limit: 2, cursor }, { as: keys.viewer });
    const names = [first, second].map(({ structuredContent }) =>
      (structuredContent["items"] as unknown as { name: string }[]).map(({ name }) => name),
    );
    expect(names.flat().slice(0, 2)).toEqual(["mcp box", "paged 0"]);
    expect(new Set(names.flat()).size).toBe(4);
  });

  it("has no more text than 32 KiB, and says so", async () => {
    for (let count = 0; count < 20; count += 1) await joinNode(h, `wide ${count}`);
    await h.env.DB.prepare("UPDATE nodes SET labels = ?")
      .bind(JSON.stringify({ label: "x".repeat(2000) }))
      .run();
    const { content } = await callTool(h, "list_nodes", {}, { as: PRESET_KEY });
    expect(content[0]?.text).toMatch(/\[Cut at 32768 bytes: ask for fewer at a time with limit/);
    expect(content[0]?.text.length).toBeLessThan(33 * 1024);
  });
});
