/** Takes out of texts what a run must never show: its job's secrets, its providers' and MCP servers', and those that sign its webhooks. */
import type { JobSpec } from "../../db/jobs.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { secretsOfMcpTools } from "../job/mcp-tools.ts";
import { namedSecrets } from "../job/secrets.ts";
import { resolveProvider } from "../provider/find.ts";
import { makeRedactor } from "@roundhouse/protocol/redact";
import { revealSecret } from "../secret/reveal.ts";

export type Redact = (text: string) => string;

/** Secrets and providers that are gone have no value that could show. */
export async function makeRunRedactor({ env, db }: Context, spec: JobSpec): Promise<Redact> {
  const providers = [spec.provider, ...spec.fallbacks.map((choice) => choice.provider)];
  const found = await Promise.all(providers.map((name) => unlessGone(resolveProvider(db, name))));
  const names = [
    ...namedSecrets(spec).map(({ name }) => name),
    ...found.flatMap((row) => row?.secretName ?? []),
    ...(await secretsOfMcpTools(db, spec)),
  ];
  const values = await Promise.all([...new Set(names)].map((name) => unlessGone(revealSecret(env, db, name))));
  return makeRedactor(values.filter((value) => value !== undefined));
}

async function unlessGone<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof ServiceError && GONE.has(error.code)) return undefined;
    throw error;
  }
}

const GONE: ReadonlySet<string> = new Set(["unknown_secret", "unknown_provider"]);
