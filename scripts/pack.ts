/** The worker agent as `npm publish` would send it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Packs the built agent into `folder` and answers the path of the tarball. */
export async function packAgent(folder: string): Promise<string> {
  const agent = join(import.meta.dirname, "../worker-agent");
  const { stdout } = await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], {
    cwd: agent,
  });
  const name = stdout.trim().split("\n").at(-1) ?? "";
  return join(folder, name);
}

/** Size of that tarball in bytes. */
export async function packedSize(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "pack-"));
  try {
    return (await stat(await packAgent(folder))).size;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
