/** A folder that looks like a host's file system, for what looks at hosts. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type HostView, viewHost } from "../../../worker-agent/src/host/view.ts";

export type HostTree = {
  env?: Record<string, string>;
  /** Paths that end with a slash are folders. */
  files?: Record<string, string>;
  /** What is mounted, and with which type of file system. */
  mounts?: Record<string, string>;
  uid?: number;
  home?: string;
};

export async function makeHost({
  env = {},
  files = {},
  mounts = {},
  uid = 0,
  home = "/root",
}: HostTree): Promise<HostView> {
  const fsRoot = await mkdtemp(join(tmpdir(), "host-"));
  const lines = Object.entries({ "/": "ext4", ...mounts }).map(
    ([path, type], at) => `${at + 1} 0 8:${at} / ${path.replaceAll(" ", "\\040")} rw - ${type} none rw`,
  );
  const all = { ...files, "/proc/self/mountinfo": lines.join("\n") };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(join(fsRoot, path.endsWith("/") ? path : dirname(path)), { recursive: true });
    if (!path.endsWith("/")) await writeFile(join(fsRoot, path), text);
  }
  return viewHost({ fsRoot, env, uid, home });
}
