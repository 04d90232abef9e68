/** `npm run deploy`: the same script on Cloudflare. Needs the account's own D1 id and domains in the environment. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ControlPlane } from "../local/control-plane.ts";
import { localBearer } from "../local/master-key.ts";
import { buildAll } from "./build.ts";

const root = join(import.meta.dirname, "..");
const needed = ["D1_DATABASE_ID", "PUBLIC_URL", "APPS_DOMAIN"] as const;

const missing = needed.filter((name) => !process.env[name]);
if (missing.length > 0) {
  process.stderr.write(`Set ${missing.join(", ")} first:
  D1_DATABASE_ID  id of a database made by: npx wrangler d1 create roundhouse
  PUBLIC_URL      where the dashboard will be, for example https://pool.example.com
  APPS_DOMAIN     a separate registrable domain below which apps live, with a wildcard route to this Worker
  MASTER_KEY      the secret of that deployment, if a sign-in link shall be printed at the end

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

function wrangler(...args: string[]): void {
  const program = join(root, "node_modules/wrangler/bin/wrangler.js");
  const { status } = spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error(`wrangler ${args[0]} failed with status ${status}`);
}
