/** Opens a provider for use: a client of its API, with its key, that asks directly or through a node. */
import type { Provider } from "@roundhouse/protocol/api/provider";
import { OpenAI } from "openai";
import { eq } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { nodes } from "../../db/nodes.ts";
import type { Env } from "../../env.ts";
import { ServiceError } from "../error.ts";
import { makeRedactor } from "@roundhouse/protocol/redact";
import { revealSecret } from "../secret/reveal.ts";
import { describeFault } from "./fault.ts";
import { resolveProvider } from "./find.ts";
import { fetchThroughNode, nodeBaseUrl } from "./node-fetch.ts";
import { type ProviderRow, toProvider } from "./show.ts";

/** The library insists on a key; servers without one ignore it. */
const NO_KEY = "none";

export type OpenProvider = {
  provider: Provider;
  /** Tries once: whether to try again is for the caller to say. */
  client: OpenAI;
  /** What went wrong with a request of the client, in words for people and without the key. */
  explain: (error: unknown) => ServiceError;
};

/** Throws `unknown_provider`, and what {@link openRow} does. */
export async function openProvider(env: Env, db: Database, idOrName: string): Promise<OpenProvider> {
  return openRow(env, db, await resolveProvider(db, idOrName));
}

/** Throws `unknown_secret`, and `provider_failed` where its node was removed from the pool. */
export async function openRow(env: Env, db: Database, row: ProviderRow): Promise<OpenProvider> {
  const provider = toProvider(row);
  const via = provider.viaNode === null ? null : await readVia(db, provider);
  const key = provider.secret === null ? null : await revealSecret(env, db, provider.secret);
  const client = new OpenAI({
    apiKey: key ?? NO_KEY,
    organization: null,
    project: null,
    maxRetries: 0,
    // Its log has addresses and headers.
    logLevel: "off",
    ...(via === null
      ? { baseURL: provider.baseUrl, fetch: fetchDirectly }
      : { baseURL: nodeBaseUrl(provider.id), fetch: fetchThroughNode(env, via.id) }),
  });
  const redact = makeRedactor(key === null ? [] : [key]);
  return {
    provider,
    client,
    explain: (error) => describeFault({ provider, nodeName: via?.name ?? null, redact }, error),
  };
}

/** A redirect could lead the key elsewhere. */
const fetchDirectly: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "manual" });

async function readVia(db: Database, { name, viaNode }: Provider): Promise<{ id: string; name: string }> {
  const [node] = await db
    .select({ id: nodes.id, name: nodes.name })
    .from(nodes)
    .where(eq(nodes.id, viaNode ?? ""));
  if (node) return node;
  const message = `${JSON.stringify(name)} was reached through a node that is not in the pool any more.`;
  throw new ServiceError("provider_failed", message, { hint: "Choose another node for it, or none." });
}
