/** What the pages of MCP servers say of tools, which list is shown, and the form that tries one. */
import { describe, expect, it } from "vitest";
import type { McpTool, McpTools } from "@roundhouse/protocol/api/mcp-server";
import { serverToolRows } from "../../dashboard/src/jobs/server-tools.ts";
import { unknownTools, withNative } from "../../dashboard/src/jobs/tools.ts";
import { claimsOf } from "../../dashboard/src/mcp/claims.ts";
import { readResult } from "../../dashboard/src/mcp/result-blocks.ts";
import { schemaFields, typeWords } from "../../dashboard/src/mcp/schema-fields.ts";
import { isSafeToShow, sortedTools } from "../../dashboard/src/mcp/shown-tools.ts";
import {
  argumentsOf,
  beginningTexts,
  noFormProblem,
  rawArguments,
  textsOf,
  tryFields,
} from "../../dashboard/src/mcp/try-form.ts";

const SCHEMA = {
  type: "object",
  properties: {
    path: { type: "string", description: "Where it is" },
    content: { type: "string" },
    head: { type: "integer", default: 20 },
    ratio: { anyOf: [{ type: "number" }, { type: "null" }] },
    encoding: { enum: ["utf8", "latin1", 7] },
    follow: { type: "boolean" },
    options: {
      type: "object",
      properties: { depth: { type: ["integer", "null"] }, tags: { type: "array", items: { type: "string" } } },
      required: ["depth"],
    },
    edits: { type: "array", items: { type: "object", properties: { from: { type: "string" } } } },
  },
  required: ["path"],
};

function tool(name: string, status: McpTool["status"], hash = name): McpTool {
  const definition = { name, inputSchema: {}, description: `does ${name}` };
  return {
    name,
    status,
    definition,
    hash,
    diff: null,
    approvedBy: null,
    approvedAt: null,
    seenAt: "2026-01-01T00:00:00Z",
  };
}

function listOf(...items: McpTool[]): McpTools {
  return { items, instructions: null, serverName: null, serverVersion: null };
}

describe("a schema", () => {
  it("is a row for each field, also of those within", () => {
    expect(schemaFields(SCHEMA).map(({ path, type, required }) => [path, type, required])).toEqual([
      ["path", "text", true],
      ["content", "text", false],
      ["head", "whole number", false],
      ["ratio", "number", false],
      ["encoding", 'one of "utf8", "latin1", 7', false],
      ["follow", "yes or no", false],
      ["options", "object", false],
      ["options.depth", "whole number", true],
      ["options.tags", "list of text", false],
      ["edits", "list of object", false],
      ["edits[].from", "text", false],
    ]);
    expect(schemaFields(SCHEMA)[2]).toMatchObject({ default: "20", description: null });
  });

  it("that goes on without end, or is none, has an end", () => {
    const endless: { properties: Record<string, unknown> } = { properties: {} };
    endless.properties["self"] = endless;
    expect(schemaFields(endless).length).toBeLessThan(20);
    expect([schemaFields(null), schemaFields("x"), schemaFields({ properties: [] })]).toEqual([[], [], []]);
    expect([typeWords(true), typeWords({ $ref: "#/x" }), typeWords({ const: 3 })]).toEqual([
      "anything",
      "anything",
      "always 3",
    ]);
  });
});

it("annotations are what the server says, and nothing else is made of them", () => {
  expect(
    claimsOf({ readOnlyHint: true, destructiveHint: false, title: "x", other: true, openWorldHint: "yes" }),
  ).toEqual(["says it only reads", "says it destroys nothing"]);
  expect(claimsOf({ constructor: true })).toEqual([]);
  expect(claimsOf(undefined)).toEqual([]);
});

describe("the list that is shown", () => {
  const shown = listOf(tool("a", "new"), tool("b", "approved"));

  it("follows what does not touch what was read", () => {
    expect(isSafeToShow(undefined, shown)).toBe(true);
    expect(isSafeToShow(listOf(), shown)).toBe(true);
    expect(isSafeToShow(shown, listOf(tool("b", "approved"), tool("a", "approved")))).toBe(true);
  });

  it("stays when a definition is another one, comes or goes", () => {
    expect(isSafeToShow(shown, listOf(tool("a", "new", "other"), tool("b", "approved")))).toBe(false);
    expect(isSafeToShow(shown, listOf(tool("a", "new"), tool("b", "approved"), tool("c", "new")))).toBe(false);
    expect(isSafeToShow(shown, listOf(tool("a", "new")))).toBe(false);
  });

  it("begins with what waits for a person", () => {
    const { waiting, others } = sortedTools([
      ...[tool("z", "gone"), tool("b", "new"), tool("a", "approved"), tool("a2", "new"), tool("m", "changed")],
    ]);
    expect(waiting.map(({ name }) => name)).toEqual(["m", "a2", "b"]);
    expect(others.map(({ name }) => name)).toEqual(["a", "z"]);
  });
});

describe("the form of a tool", () => {
  const fields = tryFields(SCHEMA);

  it("has a field of its kind for each argument", () => {
    expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
      ["path", { is: "text", isLong: false }],
      ["content", { is: "text", isLong: true }],
      ["head", { is: "number", isWhole: true }],
      ["ratio", { is: "number", isWhole: false }],
      ["encoding", { is: "choice", values: ['"utf8"', '"latin1"', "7"] }],
      ["follow", { is: "boolean" }],
      ["options", { is: "json" }],
      ["edits", { is: "json" }],
    ]);
    expect(beginningTexts(SCHEMA)).toEqual({ head: "20" });
  });

  it("makes arguments of what was typed, and leaves out what was not", () => {
    const texts = { path: "a b", head: "3", ratio: "0.5", encoding: "7", follow: "false", options: '{"depth": 1}' };
    expect(argumentsOf(fields, texts)).toEqual({
      arguments: { path: "a b", head: 3, ratio: 0.5, encoding: 7, follow: false, options: { depth: 1 } },
    });
  });

  it("says at each field what is wrong with it", () => {
    expect(argumentsOf(fields, { head: "1.5", ratio: "x", options: "{" })).toEqual({
      problems: {
        path: "It needs this.",
        head: '"1.5" is no whole number.',
        ratio: '"x" is no number.',
        options: expect.stringContaining("This is no JSON") as string,
      },
    });
  });

  it("goes to JSON and back, but not with what it has no field for", () => {
    const args = { path: "p", head: 2, encoding: "latin1", edits: [{ from: "x" }] };
    expect(argumentsOf(fields, textsOf(fields, args))).toEqual({ arguments: args });
    expect(noFormProblem(fields, args)).toBeUndefined();
    expect(noFormProblem(fields, { path: "p", zz: 1 })).toContain('"zz"');
    expect(rawArguments(" ")).toEqual({ arguments: {} });
    expect(rawArguments("[1]")).toEqual({ problem: "Arguments are an object: { … }." });
    expect(rawArguments("{")).toHaveProperty("problem");
  });
});

describe("a result", () => {
  it("shows texts as texts and pictures as pictures", () => {
    const { blocks, isError, structured } = readResult({
      content: [
        { type: "text", text: "<b>hi</b>" },
        { type: "image", data: "aGk=", mimeType: "image/png" },
        { type: "resource", resource: { uri: "file:///a", text: "x" } },
        { type: "resource_link", uri: "https://example.com", name: "it" },
        { type: "audio", data: "aGk=", mimeType: "audio/wav" },
        { type: "new", thing: 1 },
      ],
      structuredContent: { a: 1 },
      isError: true,
    });
    expect(isError).toBe(true);
    expect(structured).toBe('{\n  "a": 1\n}');
    expect(blocks).toEqual([
      { kind: "text", label: "Text", text: "<b>hi</b>" },
      { kind: "image", src: "data:image/png;base64,aGk=", type: "image/png" },
      { kind: "text", label: "Resource file:///a", text: "x" },
      { kind: "note", text: "A link: it https://example.com" },
      { kind: "note", text: "A sound (audio/wav, 3 B), which is not played here." },
      { kind: "text", label: "Part as JSON", text: '{\n  "type": "new",\n  "thing": 1\n}' },
    ]);
  });

  it.each([
    { type: "image", data: "PHN2Zz4=", mimeType: "image/svg+xml" },
    { type: "image", data: "aGk=", mimeType: "text/html" },
    { type: "image", data: 'x" onload="y', mimeType: "image/png" },
  ])("paints no picture that may be more than one: %j", (block) => {
    expect(readResult({ content: [block] }).blocks[0]).toMatchObject({ kind: "note" });
  });

  it("of no known form is shown as it came", () => {
    expect(readResult({ odd: 1 })).toEqual({
      isError: false,
      structured: null,
      blocks: [{ kind: "text", label: "Answer as JSON", text: '{\n  "odd": 1\n}' }],
    });
    expect(readResult({ content: [null] }).blocks).toEqual([{ kind: "text", label: "Part as JSON", text: "null" }]);
  });
});

describe("tools of MCP servers in a job", () => {
  it("are a row each with how they stand, below one for all of them", () => {
    const tools = [tool("read", "approved"), tool("write", "new"), tool("old", "gone"), tool("kept", "gone")];
    expect(serverToolRows("files", tools, ["files/kept", "files/nothing", "read_file"])).toEqual([
      { tool: "files/*", about: "All that are approved, also those that come to be" },
      { tool: "files/read", about: "does read" },
      { tool: "files/write", about: "not approved yet: no run can call it · does write" },
      { tool: "files/kept", about: "the server has it no more · does kept" },
      { tool: "files/nothing", about: "The server has no tool of that name" },
    ]);
  });

  it("are said in one line that hides nothing", () => {
    const one = tool("x", "approved");
    one.definition.description = `a\u202E\n\nb ${"c".repeat(200)}`;
    const about = serverToolRows("s", [one], [])[1]?.about ?? "";
    expect(about).toMatch(/^a⟨U\+202E⟩ b c+…$/);
    expect(about.length).toBeLessThan(130);
  });

  it("are unknown where no chosen node has their server", () => {
    expect(unknownTools(["read_file", "fly", "files/*", "gone/x"], ["files"])).toEqual(["fly", "gone/x"]);
  });

  it("stay when all native ones are chosen or none", () => {
    expect(withNative(["files/*", "read_file"], false)).toEqual(["files/*"]);
    expect(withNative(["files/*"], true)).toEqual(expect.arrayContaining(["files/*", "read_file", "exec_command"]));
  });
});
