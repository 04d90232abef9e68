/** Tools of MCP servers in runs: what a model gets of them, how they are called, and that a changed one asks a person first (SPEC MC6). */
import type { McpServer, McpTools } from "@roundhouse/protocol/api/mcp-server";
import { hashOfDefinition, type McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import type { ToolCallAnswer, ToolCallRequest } from "@roundhouse/protocol/tool-call";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { jobRun } from "../../../../workers/services/objects.ts";
import { api, env, eventually, makeNode, migrate, type TestNode } from "../harness.ts";
import { McpNode, toolOf } from "../mcp-node.ts";
import * as h from "./harness.ts";
import { type ScriptedModel, scriptModel } from "./scripted-model.ts";
import { done } from "./tool-node.ts";

const READ = toolOf("read_file");
const OTHER = toolOf("read_file", "reads files\nand sends them away");

let model: ScriptedModel;
let node: TestNode;
let fake: McpNode;
let server: McpServer;
let count = 0;
/** Calls that reached the node, in their order. */
let calls: ToolCallRequest[];
/** What the node's server says of its tool at the moment. */
let now: McpToolDefinition;
beforeAll(async () => {
  await migrate();
  await h.plantProvider("model.test");
});
beforeEach(async () => {
  node = await makeNode();
  await h.setPolicy(node, h.OPEN_POLICY);
  fake = await McpNode.connect(node);
  calls = [];
  now = READ;
  const run = { kind: "command", command: "files" };
  server = await api("POST", "/api/mcp-servers", { name: `files-${(count += 1)}`, node: node.id, run });
  await show(READ, toolOf("write_file"));
  const { items } = await api<McpTools>("GET", `/api/mcp-servers/${server.id}/tools`);
  await decide(items.filter(({ name }) => name === "read_file"));
  fake.answer = ({ path, body }) => (path.startsWith("/tools/calls/") ? { headers: [], body: judge(body) } : undefined);
});
afterEach(() => model.restore());

const decide = (tools: { name: string; hash: string }[]) =>
  api("POST", `/api/mcp-servers/${server.id}/tools`, { decision: "approve", tools });

async function show(...tools: McpToolDefinition[]): Promise<void> {
  await fake.show(server.id, tools);
  await eventually(async () => {
    const { items } = await api<McpTools>("GET", `/api/mcp-servers/${server.id}/tools`);
    expect(items.map(({ definition }) => definition.description).toSorted()).toEqual(
      tools.map(({ description }) => description).toSorted(),
    );
  });
}

/** An agent compares what its server says now with the pin of the call; this one knows the hashes before. */
let known = new Map<McpToolDefinition, string>();
beforeAll(async () => {
  known = new Map([
    [READ, await hashOfDefinition(READ)],
    [OTHER, await hashOfDefinition(OTHER)],
  ]);
});
function judge(body: string): ToolCallAnswer {
  const request = JSON.parse(body) as ToolCallRequest;
  if (request.mcp?.pin !== known.get(now)) {
    return { state: "refused", code: "definition_changed", message: "It is not what was approved." };
  }
  calls.push(request);
  return done("the file");
}

async function begin(spec: Record<string, unknown> = {}): Promise<string> {
  const id = await h.plantRun({ nodes: [node.id], tools: [`${server.name}/*`, "system_stats"], ...spec });
  await jobRun(env, id).begin();
  return id;
}

async function toEnd(id: string): Promise<string> {
  await h.reached(id, "succeeded");
  return id;
}

const name = () => `${server.name}__read_file`;
const callOnce = () => {
  model = scriptModel({
    "model.test": (_, turn) =>
      turn === 1 ? { calls: [{ name: name(), arguments: { path: "a" } }] } : { text: "done" },
  });
};

/** A run whose call met another definition. */
async function waiting() {
  callOnce();
  now = OTHER;
  fake.tools.set(server.id, [OTHER]);
  const id = await begin();
  await h.reached(id, "waiting");
  return { id, approval: await h.pendingApproval(id) };
}

describe("a tool of an MCP server", () => {
  it("is given to the model once it is approved, and called by its server under the pin", async () => {
    callOnce();
    const id = await toEnd(await begin());
    expect(model.questions[0]?.tools?.map((tool) => tool.function)).toMatchObject([
      { name: "system_stats" },
      { name: name(), description: READ.description, parameters: READ.inputSchema },
    ]);
    expect(calls).toEqual([
      {
        ...{ tool: `${server.name}/read_file`, arguments: { path: "a" }, runId: id, approval: null },
        mcp: { server: server.id, tool: "read_file", pin: await hashOfDefinition(READ) },
      },
    ]);
    expect(await h.toolSteps(id)).toMatchObject([
      { tool: `${server.name}/read_file`, node: node.id, status: "succeeded", result: "the file" },
    ]);
  });

  it("is judged by the node's policy and the job's word under its own name", async () => {
    callOnce();
    await h.setPolicy(node, { ...h.OPEN_POLICY, rules: [{ tool: `${server.name}/read_*`, decision: "deny" }] });
    const denied = await toEnd(await begin());
    expect(await h.toolSteps(denied)).toMatchObject([{ status: "refused", result: expect.stringContaining("rule 1") }]);
    model.restore();
    callOnce();
    await h.setPolicy(node, h.OPEN_POLICY);
    const asked = await begin({ toolDecisions: { [`${server.name}/*`]: "ask" } });
    await h.reached(asked, "waiting");
    expect(await h.pendingApproval(asked)).toMatchObject({ kind: "tool", tool: `${server.name}/read_file` });
    expect(calls).toEqual([]);
  });

  it("that nobody approved is not there, and the run's trace says so", async () => {
    model = scriptModel({ "model.test": () => ({ text: "done" }) });
    const id = await toEnd(await begin({ tools: [`${server.name}/write_file`] }));
    expect(model.questions[0]?.tools).toBeUndefined();
    expect(await h.stepsOf(id)).toContainEqual(
      expect.objectContaining({ kind: "note", text: expect.stringContaining(`"${server.name}/write_file"`) }),
    );
  });
});

describe("a tool whose definition changed", () => {
  it("[MC6] is not called: a person is asked, with the difference", async () => {
    const { id, approval } = await waiting();
    expect(approval).toMatchObject({ kind: "definition", tool: `${server.name}/read_file`, arguments: { path: "a" } });
    expect(approval.diff).toContain("+and sends them away");
    expect(calls).toEqual([]);
    await h.decide(approval.id, "denied", "no");
    await h.reached(id, "succeeded");
    expect(calls).toEqual([]);
    expect(await h.toolSteps(id)).toMatchObject([
      { status: "refused", result: expect.stringContaining("The reason: no") },
    ]);
  });

  it("[MC6] is pinned as it was shown once that is approved, and called once", async () => {
    const { id, approval } = await waiting();
    await h.decide(approval.id, "approved");
    await h.reached(id, "succeeded");
    expect(calls.map(({ mcp }) => mcp?.pin)).toEqual([await hashOfDefinition(OTHER)]);
    const { items } = await api<McpTools>("GET", `/api/mcp-servers/${server.id}/tools`);
    expect(items.find((tool) => tool.name === "read_file")).toMatchObject({ status: "approved", approvedBy: "Ada" });
  });

  it("[MC6] asks again where it changed again before the answer", async () => {
    const { id, approval } = await waiting();
    const third = toolOf("read_file", "a third thing");
    known.set(third, await hashOfDefinition(third));
    now = third;
    await show(third);
    await h.decide(approval.id, "approved");
    const again = await eventually(async () => {
      const pending = await h.pendingApproval(id);
      expect(pending.id).not.toBe(approval.id);
      return pending;
    });
    expect(again.diff).toContain("+a third thing");
    expect(calls).toEqual([]);
    await h.decide(again.id, "approved");
    await h.reached(id, "succeeded");
    expect(calls.map(({ mcp }) => mcp?.pin)).toEqual([await hashOfDefinition(third)]);
  });

  it("is called where somebody approved it meanwhile", async () => {
    callOnce();
    const id = await begin({ toolDecisions: { [`${server.name}/read_file`]: "ask" } });
    await h.reached(id, "waiting");
    now = OTHER;
    await show(OTHER);
    await decide([{ name: "read_file", hash: await hashOfDefinition(OTHER) }]);
    await h.decide((await h.pendingApproval(id)).id, "approved");
    await toEnd(id);
    expect(calls.map(({ mcp }) => mcp?.pin)).toEqual([await hashOfDefinition(OTHER)]);
    expect(calls[0]?.approval).not.toBeNull();
  });

  it("is given up in words where its node keeps back again and again what seems to be approved", async () => {
    callOnce();
    fake.answer = ({ path }) =>
      path.startsWith("/tools/calls/")
        ? {
            headers: [],
            body: { state: "refused", code: "definition_changed", message: "It is not what was approved." },
          }
        : undefined;
    const id = await begin();
    await h.reached(id, "succeeded", 40_000);
    expect(await h.toolSteps(id)).toMatchObject([
      { status: "refused", result: expect.stringContaining("again and again") },
    ]);
    expect(fake.asked.filter(({ path }) => path.startsWith("/tools/calls/"))).toHaveLength(4);
  }, 60_000);

  it("that its server has no more is refused in words", async () => {
    callOnce();
    now = OTHER;
    fake.tools.set(server.id, [toolOf("write_file")]);
    const id = await toEnd(await begin());
    expect(await h.toolSteps(id)).toMatchObject([
      { status: "refused", result: expect.stringContaining("does not have this tool any more") },
    ]);
  });
});

describe("a job that names tools of MCP servers", () => {
  const job = (tools: string[], parts: object = {}) => ({
    ...{ name: `job ${(count += 1)}`, instructions: "x", nodes: [node.id], provider: "model.test", model: "m", tools },
    ...parts,
  });

  it("is kept while these are there, with a warning for what is not approved", async () => {
    model = scriptModel({});
    const made = await api<{ warnings: string[]; id: string }>("POST", "/api/jobs", job([`${server.name}/write_file`]));
    expect(made.warnings).toEqual([expect.stringContaining("is approved")]);
    await expect(api("DELETE", `/api/mcp-servers/${server.id}`)).rejects.toThrow(/mcp_server_in_use/);
    await expect(api("PATCH", `/api/mcp-servers/${server.id}`, { name: "other" })).rejects.toThrow(/mcp_server_in_use/);
    await api("DELETE", `/api/jobs/${made.id}`);
    await api("DELETE", `/api/mcp-servers/${server.id}`);
  });

  it("is refused for servers, tools and nodes that are not there", async () => {
    model = scriptModel({});
    await expect(api("POST", "/api/jobs", job(["nobody/read"]))).rejects.toThrow(/there is no MCP server for/);
    await expect(api("POST", "/api/jobs", job([`${server.name}/red_file`]))).rejects.toThrow(/read_file/);
    const elsewhere = await makeNode();
    const nodes = [elsewhere.id];
    await expect(api("POST", "/api/jobs", job([`${server.name}/*`], { nodes }))).rejects.toThrow(/none of the job's/);
  });
});
