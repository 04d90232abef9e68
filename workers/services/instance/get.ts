/** Reads one instance. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Context } from "../context.ts";
import { readInstance, showInstance } from "./read.ts";

export async function getInstance(ctx: Context, id: string): Promise<Instance> {
  return showInstance(ctx, await readInstance(ctx.db, id));
}
