/** A release of Node as nodejs.org offers it, made from the Node that runs the tests. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, link, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The name of the build for this machine, for example `node-v24.21.0-linux-x64`. */
export const NODE_BUILD = `node-${process.version}-linux-${process.arch}`;

/** Where install.sh looks for a file of this release. */
export const releasePath = (file: string): string => `/${process.version}/${file}`;

/** The archive and the list of checksums, by path. The npm in it is a stand-in: that it is there is what counts. */
export async function nodeRelease(): Promise<[string, Buffer | string][]> {
  const folder = await mkdtemp(join(tmpdir(), "node-release-"));
  try {
    const bin = join(folder, NODE_BUILD, "bin");
    await mkdir(bin, { recursive: true });
    await link(process.execPath, join(bin, "node")).catch(() => copyFile(process.execPath, join(bin, "node")));
    await writeFile(join(bin, "npm"), "#!/bin/sh\necho 11.0.0\n", { mode: 0o755 });
    // Fast rather than small: it travels over loopback.
    await run("tar", ["-I", "gzip -1", "-cf", join(folder, "node.tar.gz"), "-C", folder, NODE_BUILD]);
    const archive = await readFile(join(folder, "node.tar.gz"));
    return [
      [releasePath(`${NODE_BUILD}.tar.gz`), archive],
      [releasePath("SHASUMS256.txt"), `${sha256(archive)}  ${NODE_BUILD}.tar.gz\n`],
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
