/** `npm run bench`: an app's URL beside the app itself, other tunnels and a bare Worker, in one run; a table, and JSON. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAll } from "../../scripts/build.ts";
import type { Comparison, Trial } from "./measure.ts";
import { echoes } from "./measures/echoes.ts";
import { requests } from "./measures/requests.ts";
import { startUp } from "./measures/start-up.ts";
import { transfers } from "./measures/transfers.ts";
import { type Options, parseOptions, USAGE, UsageError } from "./options.ts";
import { Results } from "./results.ts";
import { openWays } from "./ways/open.ts";
import { type Way, WAYS } from "./ways/target.ts";

const TRIALS: Trial[] = [startUp];
const COMPARISONS: Comparison[] = [requests, echoes, transfers];

try {
  const names = [...TRIALS, ...COMPARISONS].map(({ name }) => name);
  await main(parseOptions(process.argv.slice(2), names));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}\n`);
  process.exitCode = 2;
}

async function main(options: Options): Promise<void> {
  const results = new Results();
  await buildAll(say);
  const temp = await mkdtemp(join(tmpdir(), "roundhouse-bench-"));
  try {
    await runTrials(options, results);
    await runComparisons(options, results, temp);
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
  say(`\n${options.markdown ? results.markdown() : results.table()}`);
  results.write(options.file);
  say(`written to ${options.file}`);
}

async function runTrials(options: Options, results: Results): Promise<void> {
  const wanted = TRIALS.filter(({ name, onlyWhenAsked }) =>
    options.only.length === 0 ? !onlyWhenAsked : options.only.includes(name),
  );
  for (const trial of wanted) {
    for (let round = 1; round <= options.rounds; round++) {
      say(`${trial.name}, round ${round} of ${options.rounds}`);
      results.add(trial.rows, "ours", await trial.measure(options));
    }
  }
}

async function runComparisons(options: Options, results: Results, temp: string): Promise<void> {
  const wanted = COMPARISONS.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  if (wanted.length === 0) return;
  await using later = new AsyncDisposableStack();
  const ways = await openWays(options.ways, temp, later);
  for (let round = 1; round <= options.rounds; round++) {
    for (const comparison of wanted) {
      say(`${comparison.name}, round ${round} of ${options.rounds}`);
      for (const way of ways) await compare(comparison, way, results);
    }
  }
}

/** What a way of others cannot do stays empty in the table. */
async function compare(comparison: Comparison, way: Way, results: Results): Promise<void> {
  try {
    results.add(comparison.rows, way.name, await way.use((target) => comparison.measure(target)));
  } catch (error) {
    if (way.name === "ours") throw error;
    say(`  ${WAYS[way.name]} cannot do ${comparison.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
