import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openFolder } from "../../../worker-agent/src/files/folder.ts";
import { type Harness, makeHarness, told } from "./harness.ts";

/** A system without /proc/self/fd: everything else is as it is. */
vi.mock("node:fs", async (original) => ({ ...(await original<object>()), existsSync: () => false }));

let h: Harness;
let outside: string;
beforeEach(async () => {
  h = await makeHarness();
  outside = join(h.root.path, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "secret.txt"), "SECRET");
  await mkdir(join(h.own, "real"));
  await symlink(outside, join(h.own, "door"));
  await symlink("real", join(h.own, "side"));
  await symlink(join(outside, "secret.txt"), join(h.own, "secret"));
});
afterEach(() => h.close());

describe("[FS3] where folders have no path by their descriptor", () => {
  it("files are worked with as elsewhere", async () => {
    const folder = await openFolder({ base: h.own, parts: ["real"] });
    expect(folder?.at("x")).toBe(join(h.own, "real/x"));
    await folder?.close();
    expect(told(await h.send("PUT", "/real/deep/a.txt", { body: "a" }))).toBe("201");
    expect((await h.send("GET", "/real/deep/a.txt")).text).toBe("a");
    expect((await h.send("GET", "?path=real/deep")).json.items.map(({ name }) => name)).toEqual(["a.txt"]);
    expect(told(await h.send("PATCH", "/real/deep", { body: JSON.stringify({ to: "moved" }) }))).toBe("200");
    expect(await readFile(join(h.own, "moved/a.txt"), "utf8")).toBe("a");
    expect(told(await h.send("DELETE", "/moved?recursive=1"))).toBe("204");
  });

  it("a link is refused all the same", async () => {
    for (const path of ["/secret", "/door/secret.txt", "/side/x"]) {
      expect(`${path} ${told(await h.send("GET", path))}`).toBe(`${path} 409 not_a_file`);
    }
    expect(told(await h.send("PUT", "/door/new.txt", { body: "x" }))).toBe("409 file_exists");
    expect(told(await h.send("DELETE", "/door?recursive=1"))).toBe("204");
    expect(await readdir(outside)).toEqual(["secret.txt"]);
  });
});
