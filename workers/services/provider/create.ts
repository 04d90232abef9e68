/** Adds a provider of models. */
import type { Provider, ProviderInput } from "@roundhouse/protocol/api/provider";
import { newId } from "@roundhouse/protocol/ids";
import { providers } from "../../db/providers.ts";
import type { Context } from "../context.ts";
import { isUniqueViolation, ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { resolveNode } from "../node/find.ts";
import { pokeNode } from "../node/poke.ts";
import { requireSecret } from "../secret/reveal.ts";
import { type ProviderRow, toProvider } from "./show.ts";

/** Throws `unknown_secret`, `unknown_node` and `name_taken`. */
export async function createProvider(ctx: Context, input: ProviderInput): Promise<Provider> {
  const { secret, viaNode, ...rest } = input;
  if (secret !== null) await requireSecret(ctx.db, secret);
  const node = viaNode === null ? null : (await resolveNode(ctx.db, viaNode)).id;
  const row: ProviderRow = {
    ...rest,
    id: newId("provider"),
    secretName: secret,
    viaNode: node,
    createdAt: ctx.now,
  };
  await refuseTakenName(row.name, async () => void (await ctx.db.insert(providers).values(row)));
  if (node !== null) await pokeNode(ctx, node);
  await publishChange(ctx, "provider", row.id);
  return toProvider(row);
}

/** Throws `name_taken` where the write finds the name with another provider. */
export async function refuseTakenName(name: string | undefined, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!isUniqueViolation(error, "providers_name")) throw error;
    throw new ServiceError("name_taken", `name: another provider is called ${JSON.stringify(name)} already.`, {
      hint: "Names are compared without regard to case. Choose another one.",
      cause: error,
    });
  }
}
