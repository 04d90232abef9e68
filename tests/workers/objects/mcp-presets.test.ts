/** Presets of MCP servers: what a filled-in form makes is what can be added, and what is wrong with a form is said by its field. */
import type { McpPreset } from "@roundhouse/protocol/api/mcp-server";
import { beforeAll, describe, expect, it } from "vitest";
import { api, makeNode, migrate, type TestNode } from "./harness.ts";

let node: TestNode;
let count = 0;
beforeAll(async () => {
  await migrate();
  await api("PUT", "/api/secrets/MCP_KEY", { value: "mcp-canary-0123456789" });
  node = await makeNode();
});

const fresh = (): string => `preset-${(count += 1)}`;

describe("presets", () => {
  it("make servers that can be added as they are, by either way", async () => {
    const { items } = await api<{ items: McpPreset[] }>("GET", "/api/mcp-presets");
    expect(items.map(({ id }) => id)).toEqual(["filesystem", "git", "postgres", "brave-search", "fetch", "memory"]);
    for (const { id, ways, fields } of items) {
      for (const way of ways) {
        const values = Object.fromEntries(
          fields.map((field) => [field.name, field.kind === "secret" ? "MCP_KEY" : field.default]),
        );
        const draft = await api<object>("POST", `/api/mcp-presets/${id}`, {
          node: node.id,
          name: fresh(),
          way,
          values,
        });
        expect(await api("POST", "/api/mcp-servers", draft)).toMatchObject({ preset: id, run: { kind: way } });
        expect(JSON.stringify(draft), "secrets stand in variables only").not.toMatch(/args":[^\]]*MCP_KEY/);
      }
    }
  });

  it.each([
    ["filesystem", { folder: "../up" }, /values\.folder: .*is neither one of own/],
    ["filesystem", { access: "all" }, /values\.access: .*is none of readonly, write/],
    ["postgres", {}, /values.uri: fill it in/],
    ["fetch", { other: "x" }, /values.other: the form has no field/],
  ])("%s refuses %j by its field", async (id, values, words) => {
    await expect(api("POST", `/api/mcp-presets/${id}`, { node: node.id, way: "command", values })).rejects.toThrow(
      words,
    );
  });
});
