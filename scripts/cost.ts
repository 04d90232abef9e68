/** What a pool costs a month on Cloudflare, from its published prices: run, it writes the tables of docs/cost.md anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_TUNING } from "@roundhouse/protocol/limits";

/** Everything that is billed, for one month. */
type Usage = {
  workerRequests: number;
  workerCpuMs: number;
  objectRequests: number;
  objectGbSeconds: number;
  objectRowsWritten: number;
  databaseRowsWritten: number;
};
type Price = { label: string; included: number; usdPerMillion: number };

/** Workers Paid: what is over is billed by the million begun, as in Cloudflare's own examples. */
const BASE_USD = 5;
const PRICES: Record<keyof Usage, Price> = {
  workerRequests: { label: "Worker requests", included: 10e6, usdPerMillion: 0.3 },
  workerCpuMs: { label: "Worker CPU ms", included: 30e6, usdPerMillion: 0.02 },
  objectRequests: { label: "Durable Object requests", included: 1e6, usdPerMillion: 0.15 },
  objectGbSeconds: { label: "Durable Object GB-s", included: 400e3, usdPerMillion: 12.5 },
  objectRowsWritten: { label: "Durable Object rows written", included: 50e6, usdPerMillion: 1 },
  databaseRowsWritten: { label: "D1 rows written", included: 50e6, usdPerMillion: 1 },
};
/** Incoming WebSocket messages for one billed request. */
const MESSAGES_PER_REQUEST = 20;
/** An object is billed for its whole 128 MB while it is awake. */
const OBJECT_GB = 0.128;

const DAYS = 30;
const HOURS = DAYS * 24;
const POOLS = [1, 100, 10_000];

/** Counted in the code: what one event does. */
const DIAL = { objectRequests: 6, messages: 2, objectRowsWritten: 12, databaseRowsWritten: 4, awakeSeconds: 2 };
/** Taking the due task, storing the next one, and arming the alarm. */
const LOOK_ROWS_WRITTEN = 5;
/** While a stream is open the hub looks when its link can first be silent; a ping is half an interval old on average. */
const LOOKS_PER_HOUR = 3600_000 / (DEFAULT_TUNING.heartbeatTimeoutMs - DEFAULT_TUNING.heartbeatIntervalMs / 2);
const PINGS_PER_HOUR = 3600_000 / DEFAULT_TUNING.heartbeatIntervalMs;

/** Assumed: objects restart twice a day, for deploys of ours and updates of the platform. */
const DIALS_PER_DAY = 2;
/** Assumed for a request of an app, in the Worker. */
const CPU_MS_PER_REQUEST = 1;

/** What an app in use does in an hour; assumed. */
type Use = { requests: number; messagesUp: number; messagesDown: number; bytesDown: number };

const PERSON: Use = { requests: 1_000, messagesUp: 7_200, messagesDown: 360, bytesDown: 500e6 };
const STREAMING: Use = { requests: 60, messagesUp: 0, messagesDown: 0, bytesDown: 3600e6 };

const idle = (): Usage => {
  const dials = DIALS_PER_DAY * DAYS;
  return {
    workerRequests: dials,
    workerCpuMs: dials * CPU_MS_PER_REQUEST,
    objectRequests: dials * (DIAL.objectRequests + DIAL.messages / MESSAGES_PER_REQUEST),
    objectGbSeconds: dials * DIAL.awakeSeconds * OBJECT_GB,
    objectRowsWritten: dials * DIAL.objectRowsWritten,
    databaseRowsWritten: dials * DIAL.databaseRowsWritten,
  };
};

/** An idle node that is used for some hours a month, its hub awake all the while. */
function used(hours: number, { requests, messagesUp, messagesDown, bytesDown }: Use): Usage {
  const node = idle();
  const frames = requests + bytesDown / DEFAULT_TUNING.dataFrameBytes;
  const messages = frames + messagesUp + messagesDown;
  return {
    workerRequests: node.workerRequests + hours * requests,
    workerCpuMs: node.workerCpuMs + hours * requests * CPU_MS_PER_REQUEST,
    objectRequests: node.objectRequests + hours * (requests + messages / MESSAGES_PER_REQUEST + LOOKS_PER_HOUR),
    objectGbSeconds: node.objectGbSeconds + hours * 3600 * OBJECT_GB,
    objectRowsWritten: node.objectRowsWritten + hours * LOOKS_PER_HOUR * LOOK_ROWS_WRITTEN,
    databaseRowsWritten: node.databaseRowsWritten,
  };
}

/** A tab left open: its WebSocket sleeps with the hub, which wakes for its looks only. */
function leftOpen(): Usage {
  const node = idle();
  const looks = HOURS * LOOKS_PER_HOUR;
  return {
    ...node,
    objectRequests: node.objectRequests + looks,
    objectGbSeconds: node.objectGbSeconds + looks * 0.01 * OBJECT_GB,
    objectRowsWritten: node.objectRowsWritten + looks * LOOK_ROWS_WRITTEN,
  };
}

/** Were the answered pings billed like other messages, against what the pricing page says. */
function idleWithBilledPings(): Usage {
  const node = idle();
  return { ...node, objectRequests: node.objectRequests + (HOURS * PINGS_PER_HOUR) / MESSAGES_PER_REQUEST };
}

const PROFILES: Record<string, Usage> = {
  idle: idle(),
  "idle, if answered pings were billed": idleWithBilledPings(),
  "idle, an app's tab left open day and night": leftOpen(),
  "used by one person, 2 hours a day": used(2 * DAYS, PERSON),
  "streams 1 MB/s around the clock": used(HOURS, STREAMING),
};

/** Dollars a month for a pool of nodes that are all alike. */
export function billOf(usage: Usage, nodes: number): number {
  const names = Object.keys(PRICES) as (keyof Usage)[];
  const over = names.map((name) => {
    const { included, usdPerMillion } = PRICES[name];
    return Math.ceil(Math.max(0, usage[name] * nodes - included) / 1e6) * usdPerMillion;
  });
  return BASE_USD + over.reduce((sum, usd) => sum + usd, 0);
}

export function costTables(): string {
  const profiles = Object.entries(PROFILES);
  const bills = profiles.map(([name, usage]) => [name, ...POOLS.map((nodes) => `$${format(billOf(usage, nodes))}`)]);
  const names = Object.keys(PRICES) as (keyof Usage)[];
  const usages = names.map((key) => [PRICES[key].label, ...profiles.map(([, usage]) => format(usage[key]))]);
  return [
    table(["every node is …", ...POOLS.map((nodes) => `${format(nodes)} ${nodes === 1 ? "node" : "nodes"}`)], bills),
    table(["per node and month", ...profiles.map(([name]) => name)], usages),
  ].join("\n\n");
}

function table(head: string[], rows: string[][]): string {
  const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function format(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 && !Number.isInteger(value) ? 2 : 0 });
}

if (import.meta.main) {
  const document = join(import.meta.dirname, "../docs/cost.md");
  const around = /(<!-- tables -->\n\n).*(\n\n<!-- end of tables -->)/s;
  writeFileSync(
    document,
    readFileSync(document, "utf8").replace(around, (_, before, after) => before + costTables() + after),
  );
}
