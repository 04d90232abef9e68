import { mkdir, readdir, realpath, symlink } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeUploadPath } from "@roundhouse/protocol/tus";
import { checkFilename, checkFolder } from "../../../worker-agent/src/files/names.ts";
import { type Harness, makeHarness } from "./harness.ts";

/** Fragments that have led out of some program's folder. */
const TRAPS = [
  "..",
  ".",
  "",
  "...",
  "\0",
  "..\0",
  "%2e%2e",
  "..%2f",
  "..\\",
  "~",
  "\u2025",
  "．．",
  " ",
  "a",
  "b",
  "x".repeat(300),
];
/** Links that lie in the instance's folder: out of it, up, to themselves, to a folder of the same instance. */
const LINKS = { door: "../../outside", up: "..", loop: "loop", side: "real" };

const text = fc.oneof(fc.constantFrom(...TRAPS), fc.string({ unit: "binary", maxLength: 6 }));
const path = fc.array(text, { maxLength: 6 }).map((parts) => parts.join("/"));

describe("a name", () => {
  it("[UP6] that is taken stays below the folder, for any text", () => {
    fc.assert(
      fc.property(path, text, (folder, filename) => {
        let place: string;
        try {
          place = resolve("/base/folder", ...checkFolder(folder), checkFilename(filename));
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_input" });
          return;
        }
        expect(place.startsWith(`/base/folder${sep}`)).toBe(true);
        expect(place).toBe(`/base/folder/${folder === "" ? "" : `${folder}/`}${filename}`);
      }),
      { numRuns: 10_000 },
    );
  });

  it("[UP6] that leads elsewhere, or that a disk or a terminal would stumble over, is refused", () => {
    const folders = [
      "/etc",
      "..",
      "a/../b",
      "a//b",
      "a/",
      ".",
      "a/./b",
      "a\0b",
      "a\nb",
      "\u001b]0;",
      "\u0085",
      "x".repeat(256),
    ];
    for (const folder of folders) expect(() => checkFolder(folder), folder).toThrow(/cannot be used/);
    for (const name of ["", ".", "..", "a/b", "/a", "a\0", "\u007f", "ä".repeat(128)]) {
      expect(() => checkFilename(name), name).toThrow(/cannot be used/);
    }
    for (const name of ["...", ".env", "a b", "größe", "日本", "-rf", "a\\b", "%2e%2e", "ä".repeat(127)]) {
      expect(checkFilename(name)).toBe(name);
    }
  });
});

describe("the place of an upload", () => {
  let h: Harness;
  let outside: string;
  beforeEach(async () => {
    h = await makeHarness();
    outside = join(h.root.path, "outside");
    await mkdir(outside);
    await mkdir(join(h.folder, "real"));
    for (const [name, target] of Object.entries(LINKS)) await symlink(target, join(h.folder, name));
  });
  afterEach(() => h.close());

  const upload = async (metadata: Record<string, string>) => {
    const made = await h.create(1, metadata);
    return made.status === 201 ? h.patch(made.location, 0, new Uint8Array(1)) : made;
  };

  it("[UP7] is in the instance's folder, whatever is asked and whatever lies there", async () => {
    const before = await readdir(h.root.path, { recursive: true });
    const part = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...Object.keys(LINKS), "real", "new") },
      { weight: 1, arbitrary: text },
    );
    const folder = fc.array(part, { maxLength: 4 }).map((parts) => parts.join("/"));
    await fc.assert(
      fc.asyncProperty(folder, part, fc.boolean(), async (folder, filename, overwrite) => {
        const { status, headers } = await upload({ path: folder, filename, overwrite: String(overwrite) });
        expect([204, 400, 409]).toContain(status);
        if (status !== 204) return;
        const place = join(h.folder, decodeUploadPath(headers.get("upload-path")!));
        expect(await realpath(place)).toBe(place);
        expect(place.startsWith(h.folder + sep)).toBe(true);
      }),
      { numRuns: 400 },
    );
    const ours = (name: string) => name.startsWith("instances/app/") || name.startsWith("state");
    const after = await readdir(h.root.path, { recursive: true });
    expect(after.filter((name) => !ours(name)).toSorted()).toEqual(before.filter((name) => !ours(name)).toSorted());
  }, 120_000);

  it("[UP1] may be below another root, and is found nowhere else", async () => {
    const done = await upload({ root: "models", path: "loras", filename: "a.bin" });
    expect([done.status, done.headers.get("upload-path")]).toEqual([204, "loras/a.bin"]);
    expect(await readdir(join(h.root.modelsDir, "loras"))).toEqual(["a.bin"]);
    expect((await upload({ root: "outputs", path: "", filename: "b.bin" })).status).toBe(204);
    expect(await readdir(join(h.root.outputsDir, "app"))).toEqual(["b.bin"]);
    const odd = await upload({ root: "../models", filename: "c.bin" });
    expect([odd.status, odd.code]).toEqual([400, "invalid_input"]);
    expect(await readdir(h.folder)).not.toContain("loras");
  });

  it("[UP7] is never behind a link that an app puts there at the very moment", async () => {
    const swapper = swapping(join(h.folder, "swapped"), outside);
    const met = new Set<number>();
    try {
      // Until both sides of the race were met, and a good while.
      for (let n = 0; n < 200 || !(met.has(204) && met.has(409)); n += 1) {
        met.add((await upload({ path: "swapped/deep", filename: `f${n}` })).status);
      }
    } finally {
      await swapper.terminate();
    }
    expect(await readdir(outside)).toEqual([]);
  }, 120_000);
});

/** Another thread that makes `path` a folder, a link to `outside` and nothing, in turn, as fast as it can. */
function swapping(path: string, outside: string): Worker {
  const program = `
    const { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } = require("node:fs");
    const { path, outside } = require("node:worker_threads").workerData;
    const attempt = (act) => { try { act(); } catch {} };
    for (let n = 0; ; n += 1) {
      attempt(() => mkdirSync(path));
      attempt(() => renameSync(path, path + n));
      attempt(() => rmSync(path, { recursive: true }));
      attempt(() => symlinkSync(outside, path));
      attempt(() => unlinkSync(path));
    }`;
  return new Worker(program, { eval: true, workerData: { path, outside } });
}
