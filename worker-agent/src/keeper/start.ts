/** How an agent starts a keeper: its own copy of the program, detached, and the first word with it. */
import { spawn, type StdioOptions } from "node:child_process";
import { createHash } from "node:crypto";
import { access, chmod, open, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connectKeeper, type KeeperLink } from "./client.ts";
import { writeDurably } from "./durable-file.ts";
import { closedStdio } from "./inherited.ts";
import { encodeSecrets, takesSecrets } from "./secrets.ts";
import type { KeeperSpec } from "./spec.ts";

const FIRST_WORD_LIMIT_MS = 20_000;
const FIRST_WORD_POLL_MS = 25;
const HASH_LENGTH = 16;

/** Copies the bundled keeper under the name of its content, so that upgrades of the agent never touch a keeper's code. */
export function installKeeper(keeperFile: string, binDir: string): Promise<string> {
  return installProgram("keeper", keeperFile, binDir, 0o600);
}

/** The same for another program; `mode` says who may read it. */
export async function installProgram(name: string, file: string, dir: string, mode: number): Promise<string> {
  const code = await readFile(file);
  const hash = createHash("sha256").update(code).digest("hex").slice(0, HASH_LENGTH);
  const path = join(dir, `${name}-${hash}.mjs`);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return path;
  const draft = `${path}.tmp`;
  await writeFile(draft, code, { mode });
  await chmod(draft, mode);
  await rename(draft, path);
  return path;
}

/**
 * The first step of a start, before it is on record anywhere that there was one: a spec that is not there later was taken by a
 * keeper, or taken back.
 */
export function writeSpec(specFile: string, spec: KeeperSpec): Promise<void> {
  return writeDurably(specFile, spec);
}

/**
 * Starts a keeper for a spec that was written, and waits until it answers. `spec.socket` lies in a folder of mode 0700.
 * Rejects when it does not answer in time; whether it runs is then for `keeper.json` and the spec file to tell.
 */
export async function startKeeper(options: {
  program: string;
  spec: KeeperSpec;
  /** The values of `spec.secretEnv`. */
  secrets?: Readonly<Record<string, string>>;
  specFile: string;
  /** A folder that stays; the keeper's working directory. */
  cwd: string;
}): Promise<KeeperLink> {
  const { program, spec, secrets, specFile, cwd } = options;
  let ended = false;
  const nothing = await open("/dev/null", "r+");
  const keeper = spawn(process.execPath, [program, specFile], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin" },
    detached: true,
    stdio: withSecrets(await closedStdio(nothing.fd), spec),
  });
  // A keeper that ended before it read them shows as that.
  keeper.stdin?.on("error", () => undefined).end(encodeSecrets(secrets ?? {}));
  await nothing.close();
  keeper.once("exit", () => (ended = true));
  keeper.once("error", () => (ended = true));
  keeper.unref();
  for (const limitMs = Date.now() + FIRST_WORD_LIMIT_MS; Date.now() < limitMs; await sleep(FIRST_WORD_POLL_MS)) {
    const link = await connectKeeper(spec.socket).catch(() => undefined);
    if (link) return link;
    if (ended) break;
  }
  throw new Error(ended ? "the keeper ended before it answered" : "the keeper did not answer");
}

function withSecrets([input = "ignore", ...others]: (number | "ignore")[], spec: KeeperSpec): StdioOptions {
  return [takesSecrets(spec) ? "pipe" : input, ...others];
}
