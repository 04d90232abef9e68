/** Takes out of texts what a run must never show: its job's secrets, its providers', and those that sign its webhooks. */
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { openProvider } from "../provider/open.ts";
import { makeRedactor } from "../secret/redact.ts";
import { revealSecret } from "../secret/reveal.ts";
import type { JobSpec } from "./asked.ts";

export type Redact = (text: string) => string;

/** Secrets and providers that are gone have no value that could show. */
export async function makeRunRedactor({ env, db }: Context, spec: JobSpec): Promise<Redact> {
  const providers = [spec.provider, ...spec.fallbacks.map((choice) => choice.provider)];
  const opened = await Promise.all(providers.map((name) => unlessGone(openProvider(env, db, name))));
  const names = [
    ...spec.secrets,
    ...opened.flatMap((found) => found?.provider.secret ?? []),
    ...(spec.notify ? [spec.notify.secret] : []),
    ...spec.triggers.flatMap((trigger) => (trigger.kind === "webhook" ? trigger.secrets : [])),
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

const GONE: ReadonlySet<string> = new Set(["unknown_secret", "unknown_provider", "unknown_node", "not_found"]);
