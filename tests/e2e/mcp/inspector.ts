/** The Inspector of the protocol's authors, on its command line. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const PROGRAM = join(
  import.meta.dirname,
  "../../programs/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
);
const run = promisify(execFile);

/** What it prints for a method, as JSON. Throws where it ends with a failure. */
export async function inspect(url: string, key: string, ...args: string[]): Promise<unknown> {
  const home = await mkdtemp(join(tmpdir(), "roundhouse-inspector-"));
  try {
    const headers = ["--transport", "http", "--header", `Authorization: Bearer ${key}`];
    const { stdout } = await run(process.execPath, [PROGRAM, "--cli", url, ...headers, ...args], {
      env: { ...process.env, HOME: home },
    });
    return JSON.parse(stdout);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
