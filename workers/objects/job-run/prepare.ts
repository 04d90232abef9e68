/** The ground a run stands on: its nodes, and what its model is told first. */
import type { Context } from "../../services/context.ts";
import { resolveJobNodes } from "../../services/tool/nodes.ts";
import { mcpToolsFor } from "../../services/mcp-server/for-run.ts";
import { finish, note } from "./finish.ts";
import type { Journal } from "./journal.ts";
import { firstMessage, systemPrompt } from "./prompt.ts";
import { MAX_TOOLS, nameTools, toolsOf } from "./toolbox.ts";

export async function prepare({ ctx, journal }: { ctx: () => Context; journal: Journal }): Promise<void> {
  const run = journal.need("run");
  const { found, missing } = await resolveJobNodes(ctx(), run.spec.nodes);
  const nodeIds = found.map(({ row }) => row.id);
  const served = await mcpToolsFor(ctx().db, { names: run.spec.tools, nodeIds });
  if (journal.isOver) return;
  const native = toolsOf(run.spec.tools);
  const tools = nameTools(served.tools, native).slice(0, MAX_TOOLS - native.length);
  const lost = served.tools.length - tools.length;
  const now = Date.now();
  const unknown = missing.map((reference) => JSON.stringify(reference)).join(", ");
  if (found.length === 0) {
    const message = `No node of the pool is meant by ${unknown}. Change the job's nodes, or join one.`;
    return finish(journal, { status: "failed", failure: { code: "no_node", message } }, now);
  }
  if (missing.length > 0) note(journal, now, `No node is meant by ${unknown}.`);
  noteLost(journal, served.missing, lost);
  journal.set("ground", {
    nodes: found.map(({ row }) => ({ id: row.id, name: row.name })),
    mcp: tools,
    system: systemPrompt(run, found, new Date(now)),
    task: firstMessage(run, crypto.randomUUID()),
  });
}

/** What the job names and the model does not get. */
function noteLost(journal: Journal, missing: readonly string[], lost: number): void {
  const now = Date.now();
  if (missing.length > 0) {
    const names = missing.map((name) => JSON.stringify(name)).join(", ");
    note(journal, now, `No approved tool of an MCP server on these nodes is meant by ${names}.`);
  }
  if (lost > 0) note(journal, now, `${lost} tools of MCP servers are left out: a model is given ${MAX_TOOLS} at most.`);
}
