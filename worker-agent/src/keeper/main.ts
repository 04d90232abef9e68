/** The keeper program: `node keeper-<hash>.mjs <spec file>`. Runs one job and outlives the agent that started it. */
import { readFile } from "node:fs/promises";
import { claimJob } from "./claim.ts";
import { keep } from "./keep.ts";
import { openLog } from "./log.ts";
import { readSecrets } from "./secrets.ts";
import { KeeperSpec } from "./spec.ts";

await main(process.argv[2]);

async function main(specFile: string | undefined): Promise<void> {
  // Whoever closes a terminal or presses Ctrl-C means the agent; only a stop ends an app.
  process.on("SIGHUP", () => undefined);
  process.on("SIGINT", () => undefined);
  if (!specFile) throw new Error("usage: keeper <spec file>");
  const spec = KeeperSpec.parse(JSON.parse(await readFile(specFile, "utf8")));
  // Before the job is taken: without them another launch may try again.
  const secrets = await readSecrets(spec, process.stdin);
  if (!(await claimJob(spec, specFile))) return;
  try {
    await keep(spec, secrets);
    process.exit(0);
  } catch (error) {
    const log = await openLog(spec.logDir);
    await log.note(`the keeper failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
