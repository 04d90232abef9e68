/** The control plane on this machine: the same Worker script that is deployed, in embedded miniflare. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from "wrangler";
import { readIfThere } from "./file.ts";
import { CrashLog, revive } from "./revive.ts";
import type { Settings } from "./settings.ts";

const root = join(import.meta.dirname, "..");
const ASSETS_WORKER = "dashboard-assets";
type Assets = { directory: string; binding: string };

/** Starts serving on `HOST:PORT`. Dispose it to end the runtime. */
export async function startRuntime(settings: Settings, key: string): Promise<Miniflare> {
  const before = signalHandlers();
  shieldFromCtrlC();
  await migrate(settings);
  const { assets, ...options } = workerOptions();
  const wanted: MiniflareOptions = convertV4MiniflareOptions({
    ...runtimeOptions(settings.data),
    log: new CrashLog(() => void revive(runtime, wanted)),
    handleStructuredLogs: ({ level, message }: { level: string; message: string }) => {
      if (level === "debug" && settings.log !== "debug") return;
      const output = level === "error" || level === "warn" ? process.stderr : process.stdout;
      output.write(`${message}\n`);
    },
    // The entry worker of miniflare; unused, on a port of its choice. The direct socket below is twice as fast.
    port: 0,
    workers: [
      {
        ...options,
        serviceBindings: { [assets.binding]: ASSETS_WORKER },
        bindings: {
          MASTER_KEY: key,
          PUBLIC_URL: settings.publicUrl,
          APPS_DOMAIN: settings.appsDomain,
          CLIENT_ADDRESS: settings.clientAddress,
          ...(settings.adminKey === undefined ? {} : { ROUNDHOUSE_ADMIN_KEY: settings.adminKey }),
          ...(settings.previousMasterKey === undefined ? {} : { MASTER_KEY_PREVIOUS: settings.previousMasterKey }),
        },
        unsafeDirectSockets: [{ host: settings.host, port: settings.port }],
      },
      assetsWorker(assets),
    ],
  });
  const runtime = new Miniflare(wanted);
  await runtime.ready;
  dropForeignSignalHandlers(before);
  return runtime;
}

/**
 * A terminal's Ctrl-C reaches every process of its group. The runtime is needed a moment longer, to tell the nodes that it
 * goes (SPEC DR1): a shell that ignores the signal hands that on to it.
 */
function shieldFromCtrlC(): void {
  const miniflare = createRequire(createRequire(import.meta.url).resolve("miniflare"));
  process.env["ROUNDHOUSE_WORKERD"] = (miniflare("workerd") as { default: string }).default;
  process.env["MINIFLARE_WORKERD_PATH"] = join(import.meta.dirname, "workerd.sh");
}

/** miniflare ends the process at the first signal; the order in which things end here is ours to keep. */
function dropForeignSignalHandlers(before: Map<NodeJS.Signals, unknown[]>): void {
  for (const [signal, known] of before) {
    for (const listener of process.listeners(signal)) {
      if (!known.includes(listener)) process.off(signal, listener);
    }
  }
}

function signalHandlers(): Map<NodeJS.Signals, unknown[]> {
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  return new Map(signals.map((signal) => [signal, process.listeners(signal)]));
}

/**
 * Applies the SQL files that this data has not seen, in a runtime of its own: a proxy to D1 in the serving process would
 * end that process when workerd crashes. The table is the one that `wrangler d1 migrations` keeps.
 */
async function migrate(settings: Settings): Promise<void> {
  const files = readdirSync(join(root, "migrations"))
    .filter((name) => name.endsWith(".sql"))
    .toSorted();
  const stamp = join(settings.data, "migrated");
  const wanted = createHash("sha256").update(files.join("\n")).digest("hex");
  if (readIfThere(stamp) === wanted) return;
  const runtime = new Miniflare(
    convertV4MiniflareOptions({ ...runtimeOptions(settings.data), port: 0, workers: [workerOptions()] }),
  );
  try {
    const db = await runtime.getD1Database("DB");
    await db.exec(
      "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    );
    const rows = await db.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
    const applied = new Set(rows.results.map((row) => row.name));
    for (const file of files.filter((name) => !applied.has(name))) {
      const statements = unstable_splitSqlQuery(readFileSync(join(root, "migrations", file), "utf8"));
      const record = db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(file);
      // One batch is one transaction: a migration is applied whole or not at all.
      await db.batch([...statements.map((statement) => db.prepare(statement)), record]);
    }
  } finally {
    await runtime.dispose();
  }
  writeFileSync(stamp, wanted);
}

/**
 * The dashboard's files in a worker of their own: miniflare puts two more workers in front of one that has assets, and
 * every request of every app would pass through them.
 */
function assetsWorker(assets: Assets) {
  const script = `export default { fetch: (request, env) => env["${assets.binding}"].fetch(request) };`;
  return {
    name: ASSETS_WORKER,
    compatibilityDate: "2026-08-01",
    modules: [{ type: "ESModule" as const, path: "assets.mjs", contents: script }],
    assets,
  };
}

/** How every runtime of ours is set up; `data` is the folder of what it keeps. */
export function runtimeOptions(data: string) {
  return {
    host: "127.0.0.1",
    cf: false as const,
    logRequests: false,
    telemetry: { enabled: false },
    log: new Log(LogLevel.WARN),
    resourcePersistencePath: join(data, "v3"),
    unsafeObservability: false,
    unsafeLocalExplorer: false,
  };
}

function workerOptions() {
  const { workerOptions: options } = unstable_getMiniflareWorkerOptions(join(root, "wrangler.toml"));
  // There, but left out of wrangler's types.
  const { assets } = options as typeof options & { assets: Assets };
  const dist = join(root, "dist/worker");
  const texts = readdirSync(dist).filter((name) => /\.(sh|md|svg)$/.test(name));
  return {
    ...options,
    assets,
    name: "roundhouse",
    modulesRoot: dist,
    modules: [
      { type: "ESModule" as const, path: join(dist, "index.js") },
      ...texts.map((name) => ({ type: "Text" as const, path: join(dist, basename(name)) })),
    ],
  };
}
