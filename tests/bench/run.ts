/** `npm run bench [-- <file.json>]`: the app's URL beside the app itself, in one run; a table, and JSON. */
import { join } from "node:path";
import { buildAll } from "../../scripts/build.ts";
import { program } from "../e2e/blueprints.ts";
import { type House, openHouse } from "../e2e/house.ts";
import { measureEchoes } from "./echoes.ts";
import { measureRequests } from "./requests.ts";
import { Results } from "./results.ts";
import { measureStartUp } from "./start-up.ts";
import { type Ways, waysTo } from "./target.ts";
import { measureDownload, measureUpload } from "./transfers.ts";

const ROUNDS = 3;
const REQUESTS_MS = 3_000;
const CONNECTIONS = [1, 32];
const TRANSFER_BYTES = 128 * 1024 * 1024;
const ECHO_COUNT = 1_000;
const ECHO_BYTES = [64, 16 * 1024];

const file = process.argv[2] ?? "bench-results.json";
const results = new Results();
await buildAll((line) => process.stdout.write(`${line}\n`));
for (let round = 1; round <= ROUNDS; round++) {
  say(`start-up, round ${round} of ${ROUNDS}`);
  const { healthMs, linkMs, onlineMs } = await measureStartUp();
  results.add("start → /health", "ms", "lower", { through: healthMs });
  results.add("start → sign-in link", "ms", "lower", { through: linkMs });
  results.add("start → node online", "ms", "lower", { through: onlineMs });
}
const house = await openHouse();
try {
  await measureApps(house);
} finally {
  await house.close();
}
process.stdout.write(`\n${results.table()}\n`);
results.write(file);
say(`written to ${file}`);

async function measureApps({ api }: House): Promise<void> {
  await api.addBlueprint("sink", program("Sink", join(import.meta.dirname, "fixtures/sink.mjs")));
  const hello = await waysTo(house, await api.install({ name: "hello" }));
  const sink = await waysTo(house, await api.install({ name: "sink", blueprint: "sink" }));
  say("warming up");
  await measureRequests(hello.through, 4, 1_000);
  await measureRequests(hello.direct, 4, 1_000);
  for (let round = 1; round <= ROUNDS; round++) {
    say(`apps, round ${round} of ${ROUNDS}`);
    for (const connections of CONNECTIONS) await compareRequests(hello, connections);
    for (const bytes of ECHO_BYTES) await compareEchoes(hello, bytes);
    const download = await both(hello, (way) => measureDownload(way, TRANSFER_BYTES));
    results.add("download, 128 MiB", "MB/s", "higher", download);
    const upload = await both(sink, (way) => measureUpload(way, TRANSFER_BYTES));
    results.add("upload, 128 MiB", "MB/s", "higher", upload);
  }
}

async function compareRequests(ways: Ways, connections: number): Promise<void> {
  const { through, direct } = await both(ways, (way) => measureRequests(way, connections, REQUESTS_MS));
  const name = `requests, ${connections} at once`;
  results.add(name, "/s", "higher", { through: through.perSecond, direct: direct.perSecond });
  results.add(`${name}, p50`, "ms", "lower", { through: through.p50Ms, direct: direct.p50Ms });
  results.add(`${name}, p99`, "ms", "lower", { through: through.p99Ms, direct: direct.p99Ms });
}

async function compareEchoes(ways: Ways, bytes: number): Promise<void> {
  const { through, direct } = await both(ways, (way) => measureEchoes(way, bytes, ECHO_COUNT));
  const name = `WebSocket echo, ${bytes} bytes`;
  results.add(`${name}, p50`, "ms", "lower", { through: through.p50Ms, direct: direct.p50Ms });
  results.add(`${name}, p99`, "ms", "lower", { through: through.p99Ms, direct: direct.p99Ms });
}

/** One after the other, so that neither takes the other's cores. */
async function both<T>(ways: Ways, measure: (way: Ways["through"]) => Promise<T>): Promise<{ through: T; direct: T }> {
  const through = await measure(ways.through);
  return { through, direct: await measure(ways.direct) };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
