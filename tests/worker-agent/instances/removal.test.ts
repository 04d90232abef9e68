/** Taking folders off the disk that hold what their owner may not change: caches that are written once and then locked. */
import { chmod, chown, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeFolder } from "../../../worker-agent/src/instances/removal.ts";

const NOBODY = 65534;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "removal-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** As an agent that is not root. */
async function asOrdinaryUser<T>(act: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return act();
  await chown(dir, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
}

describe("removing a folder as an ordinary user", () => {
  it("takes read-only files and folders with it", async () => {
    const folder = join(dir, "app");
    await asOrdinaryUser(async () => {
      await mkdir(join(folder, "pkg/mod"), { recursive: true });
      await writeFile(join(folder, "pkg/mod/locked"), "", { mode: 0o400 });
      for (const locked of ["pkg/mod", "pkg", "."]) await chmod(join(folder, locked), 0o555);
      await mkdir(join(dir, "record"));
      await removeFolder(folder, join(dir, "record"));
    });
    await expect(lstat(folder)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("unlocks nothing that a link leads to", async () => {
    await asOrdinaryUser(async () => {
      await mkdir(join(dir, "shared/models"), { recursive: true });
      await writeFile(join(dir, "shared/models/weights"), "");
      await chmod(join(dir, "shared/models"), 0o555);
      await mkdir(join(dir, "app/cache"), { recursive: true });
      await symlink(join(dir, "shared/models"), join(dir, "app/cache/models"));
      await chmod(join(dir, "app/cache"), 0o555);
      await mkdir(join(dir, "record"));
      await removeFolder(join(dir, "app"), join(dir, "record"));
    });
    expect((await lstat(join(dir, "shared/models"))).mode & 0o777).toBe(0o555);
    expect((await lstat(join(dir, "shared/models/weights"))).isFile()).toBe(true);
  });
});
