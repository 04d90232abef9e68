/** A Worker that answers by itself what the app answers, on the runtime and with the options of `npm start`. */
import { join } from "node:path";
import { build } from "esbuild";
import { freePort } from "../../e2e/house.ts";
import { Program } from "./program.ts";
import { standing, type Way } from "./target.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");

export async function openBareWorker(temp: string, later: AsyncDisposableStack): Promise<Way> {
  const script = join(temp, "bare-worker.mjs");
  await build({
    ...{ entryPoints: [join(FIXTURES, "bare-worker.mjs")], outfile: script, bundle: true },
    ...{ format: "esm", logLevel: "error" },
  });
  const port = await freePort();
  const serve = [join(FIXTURES, "serve-worker.ts"), script, String(port), join(temp, "bare-worker")];
  const program = new Program("the bare Worker", process.execPath, serve, { CLOUDFLARE_CF_FETCH_ENABLED: "false" });
  later.defer(() => program.end());
  await program.untilListening(port);
  return standing("bare", { port, headers: {} });
}
