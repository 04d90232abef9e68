/** The app under test on the node of a real `npm start`, and the two ways to it that we make: its URL, and its own port. */
import { join } from "node:path";
import { build } from "esbuild";
import { program } from "../../e2e/blueprints.ts";
import type { House } from "../../e2e/house.ts";
import type { Target } from "./target.ts";

/** Installs the app of fixtures/app.mjs, and answers where it is reached. */
export async function installApp(house: House, temp: string): Promise<{ ours: Target; direct: Target }> {
  const file = join(temp, "app.mjs");
  await build({
    ...{ entryPoints: [join(import.meta.dirname, "../fixtures/app.mjs")], outfile: file },
    ...{ bundle: true, minify: true, platform: "node", format: "esm", logLevel: "error" },
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    external: ["bufferutil", "utf-8-validate"],
  });
  await house.api.addBlueprint("bench", program("Bench", file));
  const instance = await house.api.install({ name: "bench", blueprint: "bench" });
  const { host, origin } = new URL(instance.url);
  const cookie = await house.api.grantFor(instance.id);
  return {
    ours: { port: house.port, headers: { Host: host, Origin: origin, Cookie: cookie } },
    direct: { port: instance.port ?? 0, headers: {} },
  };
}
