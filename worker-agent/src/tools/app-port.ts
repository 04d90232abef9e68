/** Which port of an instance a request goes to: one of its own, by name or number, and no other (SPEC TC12). */
import type { ObservedInstance } from "@roundhouse/protocol/instance";
import { MAIN_PORT } from "@roundhouse/protocol/ports";
import type { ToolArguments } from "@roundhouse/protocol/tool-arguments";
import { ToolProblem } from "./call.ts";
import type { HttpCall } from "./http.ts";
import type { Places } from "./places.ts";

export type AppPortDeps = {
  places: Places;
  /** The only ones that may be connected to; none while it does not run. */
  portsOf(id: string): readonly number[];
  observed(id: string): ObservedInstance | undefined;
};

const MS_PER_SECOND = 1_000;

/** Throws {@link ToolProblem}. */
export function httpCallOf(deps: AppPortDeps, args: ToolArguments<"http_request">): HttpCall {
  const { method, path, headers, body, timeoutSeconds } = args;
  const port = appPort(deps, args);
  return { port, method, path, headers, body: body ?? null, timeoutMs: timeoutSeconds * MS_PER_SECOND };
}

function appPort(
  deps: AppPortDeps,
  { instance: ref, port: wanted = MAIN_PORT }: ToolArguments<"http_request">,
): number {
  const { id, name } = deps.places.instance(ref);
  const allowed = deps.portsOf(id);
  if (allowed.length === 0) throw new ToolProblem(`The instance ${JSON.stringify(name)} does not run. Start it first.`);
  const observed = deps.observed(id);
  const named = new Map((observed?.ports ?? []).map((one) => [one.name, one.port]));
  if (!named.has(MAIN_PORT) && observed?.port) named.set(MAIN_PORT, observed.port);
  const port = typeof wanted === "number" ? wanted : (named.get(wanted) ?? Number(wanted));
  if (allowed.includes(port)) return port;
  const names = [...named].map(([one, number]) => (one === null ? String(number) : `${one} (${number})`));
  const known = names.length > 0 ? names.join(", ") : allowed.join(", ");
  throw new ToolProblem(`port: ${JSON.stringify(wanted)} is no port of ${JSON.stringify(name)}. It has ${known}.`);
}
