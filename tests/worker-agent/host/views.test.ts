/** Views with the host's real mounts, as root and as somebody else. */
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findViews } from "../../../worker-agent/src/host/views.ts";

const isRoot = process.getuid?.() === 0;
const NOBODY = { uid: 65534, gid: 65534 };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "rh-views-"));
  await chmod(dir, 0o777);
  for (const name of ["own", "over"]) {
    await mkdir(join(dir, name), { mode: 0o777 });
    await chmod(join(dir, name), 0o777);
  }
});
afterEach(() => rm(dir, { recursive: true, force: true }));

it.skipIf(!isRoot)("shows one folder where another is, to the app's user, and to nobody else", async () => {
  const views = await findViews(dir, NOBODY);
  const view = { own: join(dir, "own"), over: join(dir, "over") };
  await writeFile(join(view.over, "theirs"), "");
  const script = `id -u; ls "$0"; echo made > "$0/file"`;
  const command = views?.commandIn(view, { command: "/bin/sh", args: ["-c", script, view.over] });
  const said = execFileSync(command?.command ?? "", command?.args ?? [], { encoding: "utf8" });
  expect(said).toBe("65534\n");
  expect(await readdir(view.over)).toEqual(["theirs"]);
  expect(await readFile(join(view.own, "file"), "utf8")).toBe("made\n");
  expect((await readdir(dir)).toSorted()).toEqual(["over", "own"]);
});

it("is nothing where the host has not the programs, and leaves nothing behind", async () => {
  expect(await findViews(dir, null, "/nowhere")).toBeNull();
  expect(await findViews(join(dir, "not-there"), null)).toBeNull();
  expect((await readdir(dir)).toSorted()).toEqual(["over", "own"]);
});
