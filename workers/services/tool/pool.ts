/** The tools that the control plane does itself: looking at instances of a node, and changing what is wanted of them. */
import { and, eq, isNull, or, sql } from "drizzle-orm";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import type { NativeToolName } from "@roundhouse/protocol/tools";
import { instances } from "../../db/instances.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readLogs } from "../instance/logs.ts";
import { onlineNodesOf } from "../instance/read.ts";
import { restartInstance } from "../instance/restart.ts";
import { toInstance } from "../instance/show.ts";
import { startInstance } from "../instance/start.ts";
import { stopInstance } from "../instance/stop.ts";
import type { InstanceRow } from "../instance/status.ts";
import { updateInstance } from "../instance/update.ts";

export type PoolTool = Extract<
  NativeToolName,
  "list_instances" | "instance_logs" | "start_instance" | "stop_instance" | "restart_instance" | "update_instance"
>;
/** `generation`: what the instance's was before the call was first made; null where that does not matter. */
export type PoolCall = {
  nodeId: string;
  tool: PoolTool;
  arguments: Readonly<Record<string, unknown>>;
  generation: number | null;
};

/** Verbs that count again when they are made again, so that each is made at one generation only. */
export function countsTwice(tool: PoolTool): boolean {
  return tool === "restart_instance" || tool === "update_instance";
}

/** The generation to make such a verb at. */
export async function readGeneration(ctx: Context, call: Omit<PoolCall, "generation">): Promise<number> {
  return (await findInstance(ctx, call)).generation;
}

/** What the model gets to read. Throws what the services throw, and `not_found` with the instances that there are. */
export async function callPoolTool(ctx: Context, call: PoolCall): Promise<string> {
  if (call.tool === "list_instances") return JSON.stringify(await listOf(ctx, call.nodeId));
  const row = await findInstance(ctx, call);
  switch (call.tool) {
    case "instance_logs": {
      const bytes = Number(call.arguments["bytes"]);
      const { content } = await readLogs(ctx, row.id, { offset: -bytes });
      return content === "" ? "The log is empty." : content;
    }
    case "start_instance":
      return said(await startInstance(ctx, row.id));
    case "stop_instance":
      return said(await stopInstance(ctx, row.id));
    case "restart_instance":
      return onceAt(call, row, async (at) => restartInstance(ctx, row.id, at));
    case "update_instance":
      return onceAt(call, row, async (at) => updateInstance(ctx, row.id, at));
    default:
      return unreachable(call.tool);
  }
}

/** An instance that has left the generation was changed by this call before a crash, or by somebody else since. */
async function onceAt(
  { generation }: PoolCall,
  row: InstanceRow,
  make: (at: number) => Promise<Instance>,
): Promise<string> {
  const at = generation ?? row.generation;
  const instance = await make(at);
  if (instance.generation === at + 1) return said(instance);
  return `${said(instance)} It has been changed more than once meanwhile.`;
}

function said({ name, status, desired }: Instance): string {
  return `${JSON.stringify(name)} is ${status}; it is wanted ${desired}.`;
}

async function listOf(ctx: Context, nodeId: string) {
  const rows = await readRows(ctx, nodeId);
  const online = await onlineNodesOf(ctx, rows);
  return rows.map((row) => {
    const { name, blueprint, status, port, url } = toInstance(ctx.env, row, online.has(row.nodeId));
    return { name, blueprint, status, port, url };
  });
}

function readRows(ctx: Context, nodeId: string): Promise<InstanceRow[]> {
  return ctx.db
    .select()
    .from(instances)
    .where(and(eq(instances.nodeId, nodeId), isNull(instances.deletedAt)))
    .orderBy(instances.createdAt, instances.id);
}

async function findInstance(ctx: Context, call: Omit<PoolCall, "generation">): Promise<InstanceRow> {
  const reference = String(call.arguments["instance"]);
  const named = or(eq(instances.id, reference), eq(sql`lower(${instances.name})`, reference.toLowerCase()));
  const isHere = and(eq(instances.nodeId, call.nodeId), isNull(instances.deletedAt), named);
  const [row] = await ctx.db.select().from(instances).where(isHere);
  if (row) return row;
  const names = (await readRows(ctx, call.nodeId)).map(({ name }) => JSON.stringify(name));
  throw new ServiceError("not_found", `instance: there is no instance ${JSON.stringify(reference)} on this node.`, {
    hint: names.length === 0 ? "It has none at all." : `It has ${names.join(", ")}.`,
  });
}
