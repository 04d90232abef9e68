/** `npm run bench`: an app's URL beside the app itself, other tunnels and a bare Worker, in one run; a table, and JSON. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAll } from "../../scripts/build.ts";
import { closing, Interrupted, limited } from "./closing.ts";
import type { Comparison, Trial } from "./measure.ts";
import { containers } from "./measures/containers.ts";
import { mcp } from "./measures/mcp.ts";
import { dashboard } from "./measures/dashboard.ts";
import { echoes } from "./measures/echoes.ts";
import { jobRuns } from "./measures/jobs.ts";
import { warmJoin } from "./measures/join.ts";
import { links } from "./measures/links.ts";
import { requests } from "./measures/requests.ts";
import { slowReader } from "./measures/slow-reader.ts";
import { stalled } from "./measures/stalled.ts";
import { startUp } from "./measures/start-up.ts";
import { transfers } from "./measures/transfers.ts";
import { uploads } from "./measures/uploads.ts";
import { type Options, parseOptions, usage, UsageError } from "./options.ts";
import { Results } from "./results.ts";
import { openWays } from "./ways/open.ts";
import { type Way, WAYS } from "./ways/target.ts";

const TRIALS: Trial[] = [startUp, warmJoin, slowReader, links, uploads, dashboard, jobRuns, containers, mcp];
const COMPARISONS: Comparison[] = [requests, echoes, transfers, stalled];
const NAMES = [...TRIALS, ...COMPARISONS].map(({ name }) => name);

/** For one trial (and the minutes that it was asked to take), for one measure of one way, and for all comparisons. */
const TRIAL_LIMIT_MS = 20 * 60_000;
const WAY_LIMIT_MS = 3 * 60_000;
const COMPARISONS_LIMIT_MS = 60 * 60_000;

try {
  await main(parseOptions(process.argv.slice(2), NAMES));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof Interrupted)) throw error;
  process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${usage(NAMES)}\n` : `${error.message}\n`);
  // What was cut short may still hold timers and sockets.
  process.exit(error instanceof UsageError ? 2 : 130);
}

async function main(options: Options): Promise<void> {
  const results = new Results();
  await buildAll(say);
  const temp = await mkdtemp(join(tmpdir(), "roundhouse-bench-"));
  try {
    await runTrials(options, results, temp);
    await runComparisons(options, results, temp);
  } finally {
    await rm(temp, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    // Also of a run that broke off: what was measured was measured.
    say(`\n${options.markdown ? results.markdown() : results.table()}`);
    results.write(options.file);
    say(`written to ${options.file}`);
  }
}

async function runTrials({ only, minutes, rounds }: Options, results: Results, temp: string): Promise<void> {
  const wanted = TRIALS.filter(({ name, onlyWhenAsked }) => (only.length === 0 ? !onlyWhenAsked : only.includes(name)));
  for (const trial of wanted) {
    const times = trial.isLong ? 1 : rounds;
    for (let round = 1; round <= times; round++) {
      say(`${trial.name}, round ${round} of ${times}`);
      const limitMs = TRIAL_LIMIT_MS + minutes * 60_000;
      const figures = await closing(limitMs, (later) => trial.measure({ minutes, temp, later }));
      results.add(trial.rows, "ours", figures);
    }
  }
}

async function runComparisons({ only, ways, rounds }: Options, results: Results, temp: string): Promise<void> {
  const wanted = COMPARISONS.filter(({ name }) => only.length === 0 || only.includes(name));
  if (wanted.length === 0) return;
  await closing(COMPARISONS_LIMIT_MS, async (later) => {
    const open = await openWays(ways, temp, later);
    for (let round = 1; round <= rounds; round++) {
      for (const comparison of wanted) {
        say(`${comparison.name}, round ${round} of ${rounds}`);
        for (const way of open) await compare(comparison, way, results);
      }
    }
  });
}

/** What a way of others cannot do stays empty in the table. */
async function compare(comparison: Comparison, way: Way, results: Results): Promise<void> {
  try {
    const figures = await way.use((target) => limited(WAY_LIMIT_MS, comparison.measure(target)));
    results.add(comparison.rows, way.name, figures);
  } catch (error) {
    if (way.name === "ours" || error instanceof Interrupted) throw error;
    say(`  ${WAYS[way.name]} cannot do ${comparison.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
