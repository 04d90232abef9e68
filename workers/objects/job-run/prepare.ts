/** The ground a run stands on: its nodes, and what its model is told first. */
import type { Context } from "../../services/context.ts";
import { resolveJobNodes } from "../../services/tool/nodes.ts";
import { finish, note } from "./finish.ts";
import type { Journal } from "./journal.ts";
import { firstMessage, systemPrompt } from "./prompt.ts";

export async function prepare({ ctx, journal }: { ctx: () => Context; journal: Journal }): Promise<void> {
  const run = journal.need("run");
  const { found, missing } = await resolveJobNodes(ctx(), run.spec.nodes);
  if (journal.isOver) return;
  const now = Date.now();
  const unknown = missing.map((reference) => JSON.stringify(reference)).join(", ");
  if (found.length === 0) {
    const message = `No node of the pool is meant by ${unknown}. Change the job's nodes, or join one.`;
    return finish(journal, { status: "failed", failure: { code: "no_node", message } }, now);
  }
  if (missing.length > 0) note(journal, now, `No node is meant by ${unknown}.`);
  journal.set("ground", {
    nodes: found.map(({ row }) => ({ id: row.id, name: row.name })),
    system: systemPrompt(run, found, new Date(now)),
    task: firstMessage(run, crypto.randomUUID()),
  });
}
