import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureJoined } from "../../worker-agent/src/ensure-joined.ts";
import { dataRootAt, makeDataRoot } from "../../worker-agent/src/host/data-root.ts";
import { newIdentity, readIdentity, writeIdentity } from "../../worker-agent/src/identity.ts";
import { parseOptions, UsageError } from "../../worker-agent/src/options.ts";

let top: string;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), "mount-option-"));
});
afterEach(() => rm(top, { recursive: true, force: true }));

function serve(...args: string[]) {
  const options = parseOptions(args);
  if (options.command !== "serve") throw new Error(options.command);
  return options;
}

describe("--mount", () => {
  it("names folders, as they are without detours", () => {
    expect(serve("--mount", "/data/", "--mount", "/srv/./music").mounts).toEqual(["/data", "/srv/music"]);
    expect(serve().mounts).toBeUndefined();
  });

  it.each(["/", "//", "/data/..", "data", ""])("refuses %j, quoting it", (path) => {
    expect(() => serve("--mount", path)).toThrow(UsageError);
    expect(() => serve("--mount", path)).toThrow(JSON.stringify(path));
  });

  it("is kept with who the node is, until it is said anew", async () => {
    const root = dataRootAt(top);
    await makeDataRoot(root);
    await writeIdentity(root, { ...newIdentity("http://pool.example.com"), id: "nd_1" });
    expect((await ensureJoined(root, serve("--mount", "/data"))).mounts).toEqual(["/data"]);
    expect((await ensureJoined(root, serve())).mounts).toEqual(["/data"]);
    expect((await ensureJoined(root, serve("--mount", "/srv"))).mounts).toEqual(["/srv"]);
    expect((await readIdentity(root))?.mounts).toEqual(["/srv"]);
  });
});
