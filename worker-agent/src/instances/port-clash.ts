/** What a log says about a port that somebody else had already. Pure. */
import type { KnownReason } from "@roundhouse/protocol/reasons";

/** Ports that other instances of this node listen on, beside those they were given. */
export type OthersPorts = readonly { port: number; name: string }[];

const CLASH = /address (?:is )?already in use|EADDRINUSE|\bport\b.{0,20}\bin use\b/i;
/** A port as programs write it: `port 8001`, `127.0.0.1:8001`, `:::8001`, `('127.0.0.1', 8001)`. */
const PORT = /(?:\bport\W{0,3}|[:,]\s?)(\d{4,5})\b/gi;

/** Why an app that never answered cannot listen; undefined when the last lines of this launch say nothing of the kind. */
export function explainClash(
  lines: readonly string[],
  launch: number | null,
  others: OthersPorts,
): KnownReason | undefined {
  // The log goes on over launches; the keeper writes a title where each begins.
  const begin = lines.findLastIndex((one) => one.includes(`launch ${launch} · `));
  const line = lines.slice(begin + 1).findLast((one) => CLASH.test(one));
  if (line === undefined) return undefined;
  const port = [...line.matchAll(PORT)].map((match) => Number(match[1])).at(-1);
  return { code: "port_in_use", message: describe(port, others), hint: HINT };
}

const HINT = "The app chooses this port itself: stop what uses it, or change the port in its launch script.";

function describe(port: number | undefined, others: OthersPorts): string {
  if (port === undefined) {
    const held = others.map((one) => `${one.port} by the instance ${JSON.stringify(one.name)}`);
    const perhaps = held.length === 0 ? "" : ` (in use now: ${held.join(", ")})`;
    return `a port that the app wants is in use already${perhaps}`;
  }
  const holder = others.find((one) => one.port === port);
  return `port ${port} is in use already${holder ? ` by the instance ${JSON.stringify(holder.name)}` : ""}`;
}
