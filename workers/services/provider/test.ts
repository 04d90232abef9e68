/** Tests the connection to a provider: lists its models, and says plainly what is wrong where that fails. */
import type { ProviderTest } from "@roundhouse/protocol/api/provider";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { readProvider } from "./find.ts";
import { modelsOf } from "./models.ts";

/** Throws `not_found`; anything else that is wrong is the answer. */
export async function testProvider(ctx: Context, idOrName: string): Promise<ProviderTest> {
  const row = await readProvider(ctx.db, idOrName);
  const startedAt = Date.now();
  const latencyMs = () => Math.max(0, Date.now() - startedAt);
  try {
    const models = await modelsOf(ctx, row);
    return { ok: true, message: wordCount(models.length), latencyMs: latencyMs(), models };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const message = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
    return { ok: false, message, latencyMs: latencyMs(), models: [] };
  }
}

function wordCount(count: number): string {
  if (count === 0) return "It answers, but has no models: load one there.";
  return count === 1 ? "It answers, and has one model." : `It answers, and has ${count} models.`;
}
