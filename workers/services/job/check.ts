/** Checks that everything a job names is there and fits together, and puts ids in place of names that may change. */
import type { JobInput } from "@roundhouse/protocol/api/job";
import { splitTool } from "@roundhouse/protocol/mcp";
import { nearestWord } from "@roundhouse/protocol/nearest-word";
import { isNativeTool, NATIVE_TOOL_NAMES } from "@roundhouse/protocol/tools";
import { inArray } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import type { JobSpec } from "../../db/jobs.ts";
import { providers } from "../../db/providers.ts";
import { secrets } from "../../db/secrets.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { requireJsonSchema } from "./json-schema.ts";
import { requireMcpTools } from "./mcp-tools.ts";
import { readNodeNames, resolveNodes } from "./nodes.ts";
import { requireSchedule } from "./schedule.ts";
import { namedSecrets } from "./secrets.ts";

/** Throws the first thing that is wrong; its message begins with the field. */
export async function checkJob(ctx: Context, { name: _name, enabled: _enabled, ...input }: JobInput): Promise<JobSpec> {
  requireTools(input);
  requireTriggers(input, ctx.now);
  if (input.output.kind === "json") requireJsonSchema(input.output.schema);
  await requireSecrets(ctx.db, input);
  const providerId = await providerResolver(ctx.db);
  const pool = await readNodeNames(ctx.db);
  const nodes = resolveNodes(input.nodes, pool);
  await requireMcpTools(ctx.db, { ...input, nodes }, pool);
  return {
    ...input,
    nodes,
    provider: providerId("provider", input.provider),
    fallbacks: input.fallbacks.map((choice, index) => ({
      ...choice,
      provider: providerId(`fallbacks.${index}.provider`, choice.provider),
    })),
  };
}

function requireTools({ tools, toolDecisions }: JobSpec): void {
  for (const tool of tools) {
    if (isNativeTool(tool) || splitTool(tool)) continue;
    const meant = nearestWord(tool, NATIVE_TOOL_NAMES);
    throw new ServiceError("invalid_input", `tools: there is no tool ${JSON.stringify(tool)}.`, {
      hint:
        meant === undefined
          ? `There are ${NATIVE_TOOL_NAMES.join(", ")}, and those of MCP servers: <server>/<tool>.`
          : `Did you mean ${meant}?`,
    });
  }
  const isNamed = (tool: string): boolean => tools.includes(tool) || tools.includes(`${splitTool(tool)?.server}/*`);
  const stray = Object.keys(toolDecisions).find((tool) => !isNamed(tool));
  if (stray === undefined) return;
  throw new ServiceError("invalid_input", `toolDecisions: ${JSON.stringify(stray)} is none of the job's tools.`, {
    hint: "Add it to tools, or leave it out here.",
  });
}

function requireTriggers({ triggers }: JobSpec, now: Date): void {
  const seen = new Set<string>();
  for (const trigger of triggers) {
    if (trigger.kind === "cron") requireSchedule(trigger, now);
    const key = trigger.kind === "cron" ? `${trigger.schedule} ${trigger.timezone}` : trigger.name;
    if (seen.has(key)) throw new ServiceError("invalid_input", `triggers: ${JSON.stringify(key)} is there twice.`);
    seen.add(key);
  }
}

/** Throws `unknown_secret`. */
async function requireSecrets(db: Database, input: JobSpec): Promise<void> {
  const named = namedSecrets(input);
  const names = [...new Set(named.map(({ name }) => name))];
  const found = await db.select({ name: secrets.name }).from(secrets).where(inArray(secrets.name, names));
  const known = new Set(found.map(({ name }) => name));
  const missing = named.find(({ name }) => !known.has(name));
  if (!missing) return;
  throw new ServiceError("unknown_secret", `${missing.field}: there is no secret ${JSON.stringify(missing.name)}.`, {
    hint: "Make it with POST /api/secrets, or name one of GET /api/secrets.",
  });
}

/** What it answers throws `unknown_provider`. */
async function providerResolver(db: Database): Promise<(field: string, reference: string) => string> {
  const rows = await db.select({ id: providers.id, name: providers.name }).from(providers);
  return (field, reference) => {
    const isNamed = ({ name }: { name: string }) => name.toLowerCase() === reference.toLowerCase();
    const found = rows.find(({ id }) => id === reference) ?? rows.find(isNamed);
    if (found) return found.id;
    throw new ServiceError("unknown_provider", `${field}: there is no provider ${JSON.stringify(reference)}.`, {
      hint: "Give the id or the name of a provider from GET /api/providers.",
    });
  };
}
