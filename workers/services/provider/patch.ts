/** Changes a provider. What runs with it has the change from its next request on. */
import { eq } from "drizzle-orm";
import type { PatchProvider, Provider } from "@roundhouse/protocol/api/provider";
import { providers } from "../../db/providers.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { resolveNode } from "../node/find.ts";
import { pokeNode } from "../node/poke.ts";
import { requireSecret } from "../secret/reveal.ts";
import { refuseTakenName } from "./create.ts";
import { readProvider } from "./find.ts";
import { getProvider } from "./get.ts";
import type { ProviderRow } from "./show.ts";
import { jobsNaming, wordJobs } from "./users.ts";

/** Throws `unknown_secret`, `unknown_node`, `name_taken`, and `provider_in_use` for a name that jobs go by. */
export async function patchProvider(ctx: Context, idOrName: string, input: PatchProvider): Promise<Provider> {
  const row = await readProvider(ctx.db, idOrName);
  const change = await draftChange(ctx, input);
  if (input.name !== undefined) await refuseLostName(ctx, row, input.name);
  if (Object.values(change).some((value) => value !== undefined)) {
    const update = ctx.db.update(providers).set(change).where(eq(providers.id, row.id));
    await refuseTakenName(input.name, async () => void (await update));
  }
  const nodes = new Set([row.viaNode, change.viaNode].filter((node) => typeof node === "string"));
  await Promise.all([...nodes].map((node) => pokeNode(ctx, node)));
  await publishChange(ctx, "provider", row.id);
  return getProvider(ctx, row.id);
}

async function draftChange({ db }: Context, input: PatchProvider): Promise<Partial<ProviderRow>> {
  const { secret, viaNode, ...rest } = input;
  if (typeof secret === "string") await requireSecret(db, secret);
  const node = typeof viaNode === "string" ? (await resolveNode(db, viaNode)).id : viaNode;
  return { ...rest, secretName: secret, viaNode: node };
}

async function refuseLostName({ db }: Context, row: ProviderRow, name: string): Promise<void> {
  if (name.toLowerCase() === row.name.toLowerCase()) return;
  const jobs = await jobsNaming(db, [row.name]);
  if (jobs.length === 0) return;
  throw new ServiceError("provider_in_use", `name: ${wordJobs(jobs)} by the name ${JSON.stringify(row.name)}.`, {
    hint: `Let these jobs name it by its id, ${row.id}, first.`,
    details: { jobs },
  });
}
