/** Which models a provider has, asked of it. */
import type { ProviderModel } from "@roundhouse/protocol/api/provider";
import { parseJson } from "@roundhouse/protocol/json";
import * as z from "zod";
import type { Context } from "../context.ts";
import { OddAnswer } from "./fault.ts";
import { readProvider } from "./find.ts";
import { type OpenProvider, openRow } from "./open.ts";
import type { ProviderRow } from "./show.ts";

const PATIENCE_MS = 10_000;
const MAX_QUOTED = 80;

const Model = z.object({ id: z.string() });
type Model = z.infer<typeof ProviderModel>;
/** As OpenAI lists them; some servers leave the envelope out. */
const ModelList = z.union([z.object({ data: z.array(Model) }).transform(({ data }) => data), z.array(Model)]);

/** By id. Throws `not_found`, and `provider_failed` or `node_offline` with what is wrong. */
export async function listModels(ctx: Context, idOrName: string): Promise<Model[]> {
  return modelsOf(ctx, await readProvider(ctx.db, idOrName));
}

/** The same of a provider that was found. */
export async function modelsOf(ctx: Context, row: ProviderRow): Promise<Model[]> {
  const opened = await openRow(ctx.env, ctx.db, row);
  const text = await askForModels(opened, AbortSignal.timeout(PATIENCE_MS));
  const listed = ModelList.safeParse(parseJson(text));
  if (!listed.success) throw opened.explain(new OddAnswer(`answered with what is no list of models: ${quote(text)}.`));
  return listed.data.map((model) => ({ id: model.id })).toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

async function askForModels({ client, explain }: OpenProvider, signal: AbortSignal): Promise<string> {
  try {
    const response = await client.get("/models", { signal }).asResponse();
    return await response.text();
  } catch (error) {
    throw explain(signal.aborted ? signal.reason : error);
  }
}

function quote(text: string): string {
  const start = text.trim().slice(0, MAX_QUOTED);
  return start === "" ? "nothing" : JSON.stringify(start.length < text.trim().length ? `${start}…` : start);
}
