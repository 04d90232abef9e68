/** `npm run deploy`: the same script on Cloudflare. Needs the account's own D1 id and domains in the environment. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ControlPlane } from "../local/control-plane.ts";
import { localBearer } from "../local/master-key.ts";
import { buildAll } from "./build.ts";

const root = join(import.meta.dirname, "..");
const needed = ["D1_DATABASE_ID", "PUBLIC_URL", "APPS_DOMAIN"] as const;

/** An upload takes about ten seconds. */
const DRAIN = { reconnectAfterMs: 15_000, graceMs: 5_000 };

const missing = needed.filter((name) => !process.env[name]);
if (missing.length > 0) {
  process.stderr.write(`Set ${missing.join(", ")} first:
  D1_DATABASE_ID        id of a database made by: npx wrangler d1 create roundhouse
  PUBLIC_URL            where the dashboard will be, for example https://pool.example.com
  APPS_DOMAIN           a separate registrable domain below which apps live, with a wildcard route to this Worker
  MASTER_KEY            the secret of that deployment, if a sign-in link shall be printed at the end
  ROUNDHOUSE_ADMIN_KEY  an admin's API key, if connected nodes shall be told before the upload

and once: npx wrangler secret put MASTER_KEY   (32 random bytes as base64url; keep a copy)
`);
  process.exit(1);
}

await buildAll((line) => process.stdout.write(`${line}\n`));
// The id belongs to the account, not to the repository: a copy of the configuration carries it.
const folder = mkdtempSync(join(root, "dist/deploy-"));
try {
  const config = readFileSync(join(root, "wrangler.toml"), "utf8")
    .replace("00000000-0000-0000-0000-000000000000", process.env["D1_DATABASE_ID"] ?? "")
    .replaceAll(
      /"(?:\.\/)?(workers\/index\.ts|dist\/assets|migrations)"/g,
      (_whole, path: string) => `"${join(root, path)}"`,
    );
  const file = join(folder, "wrangler.toml");
  writeFileSync(file, config);
  wrangler("d1", "migrations", "apply", "roundhouse", "--remote", "--config", file);
  await sendNodesAway();
  const variables = ["PUBLIC_URL", "APPS_DOMAIN"].flatMap((name) => ["--var", `${name}:${process.env[name]}`]);
  wrangler("deploy", "--minify", "--config", file, ...variables);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const { PUBLIC_URL: publicUrl, MASTER_KEY: masterKey } = process.env;
if (publicUrl && masterKey) {
  const control = new ControlPlane(new URL(publicUrl).origin, localBearer(masterKey));
  await control.untilHealthy();
  process.stdout.write(`\nSign in (once, within 15 minutes):\n${await control.signInLink()}\n`);
}

/** The links of all nodes break with the upload: told before, each ends its open requests and comes back in its own time. */
async function sendNodesAway(): Promise<void> {
  const { PUBLIC_URL: url, ROUNDHOUSE_ADMIN_KEY: key } = process.env;
  if (!url || !key) return;
  try {
    const control = new ControlPlane(new URL(url).origin, key);
    const { nodes, backWithinMs } = await control.drain("/api/drain", DRAIN, 60_000);
    process.stdout.write(`${nodes} nodes leave now and are back within ${Math.ceil(backWithinMs / 1000)} s.\n`);
    if (nodes > 0) await sleep(DRAIN.graceMs);
  } catch (error) {
    // The first deployment has nobody to tell, and a broken one must not be kept from being mended.
    process.stderr.write(`The nodes were not told: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function wrangler(...args: string[]): void {
  const program = join(root, "node_modules/wrangler/bin/wrangler.js");
  const { status } = spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error(`wrangler ${args[0]} failed with status ${status}`);
}
