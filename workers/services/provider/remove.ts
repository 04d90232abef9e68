/** Removes a provider that no job asks. */
import { eq } from "drizzle-orm";
import { providers } from "../../db/providers.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { pokeNode } from "../node/poke.ts";
import { readProvider } from "./find.ts";
import { jobsNaming, wordJobs } from "./users.ts";

/** Throws `provider_in_use` with the names of the jobs. */
export async function removeProvider(ctx: Context, idOrName: string): Promise<void> {
  const { id, name, viaNode } = await readProvider(ctx.db, idOrName);
  const jobs = await jobsNaming(ctx.db, [id, name]);
  if (jobs.length > 0) {
    throw new ServiceError("provider_in_use", `${JSON.stringify(name)} cannot be removed: ${wordJobs(jobs)}.`, {
      hint: "Let them use another provider first.",
      details: { jobs },
    });
  }
  await ctx.db.delete(providers).where(eq(providers.id, id));
  if (viaNode !== null) await pokeNode(ctx, viaNode);
  await publishChange(ctx, "provider", id);
}
