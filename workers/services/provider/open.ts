/** Opens a provider: what is known of it, and a client that speaks to it. */
import { eq, or } from "drizzle-orm";
import OpenAI from "openai";
import type { Provider } from "@roundhouse/protocol/api/provider";
import type { Database } from "../../db/database.ts";
import { providers } from "../../db/providers.ts";
import type { Env } from "../../env.ts";
import { ServiceError } from "../error.ts";
import { revealSecret } from "../secret/reveal.ts";

export type OpenedProvider = { provider: Provider; client: OpenAI };

export async function openProvider(env: Env, db: Database, idOrName: string): Promise<OpenedProvider> {
  const [row] = await db
    .select()
    .from(providers)
    .where(or(eq(providers.id, idOrName), eq(providers.name, idOrName)));
  if (!row) throw new ServiceError("unknown_provider", `There is no provider ${JSON.stringify(idOrName)}.`);
  const { secretName, createdAt, ...rest } = row;
  const apiKey = secretName === null ? "none" : await revealSecret(env, db, secretName);
  const client = new OpenAI({ apiKey, baseURL: row.baseUrl, fetch: (url, init) => fetch(url, init) });
  return { provider: { ...rest, secret: secretName, createdAt: createdAt.toISOString() }, client };
}
