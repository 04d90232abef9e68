import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Harness, makeHarness, swapping, swappingFile, told } from "./harness.ts";

const ROUNDS = 2_000;
const LIMIT_MS = 180_000;

let h: Harness;
let outside: string;
beforeEach(async () => {
  h = await makeHarness();
  outside = join(h.root.path, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "own.txt"), "SECRET");
});
afterEach(() => h.close());

describe("[FS3] while an app puts links in the way at the very moment", () => {
  it(
    "a folder on the way never leads a read or a list out",
    async () => {
      const swapper = swapping(join(h.own, "swapped"), outside, "own.txt");
      const met = new Set<string>();
      try {
        for (let n = 0; n < ROUNDS || !(met.has("200") && met.has("409 not_a_file")); n += 1) {
          const read = await h.send("GET", "/swapped/own.txt");
          met.add(told(read));
          expect(read.text).not.toContain("SECRET");
          const list = await h.send("GET", "?path=swapped");
          expect(list.status === 200 ? list.json.items.map(({ size }) => size) : []).not.toContain(6);
        }
      } finally {
        await swapper.terminate();
      }
    },
    LIMIT_MS,
  );

  it(
    "a file that becomes a link is never read through it",
    async () => {
      const swapper = swappingFile(join(h.own, "file.txt"), join(outside, "own.txt"));
      const met = new Set<string>();
      try {
        for (let n = 0; n < ROUNDS || !(met.has("200") && met.has("409 not_a_file")); n += 1) {
          const read = await h.send("GET", "/file.txt");
          met.add(told(read));
          expect(read.text).not.toContain("SECRET");
        }
      } finally {
        await swapper.terminate();
      }
    },
    LIMIT_MS,
  );

  it(
    "nothing is written, made, moved or removed outside",
    async () => {
      const swapper = swapping(join(h.own, "swapped"), outside, "own.txt");
      const met = new Set<string>();
      const note = (verb: string, status: number) => met.add(`${verb} ${status < 300}`);
      const wanted = ["PUT", "POST", "PATCH", "DELETE"].flatMap((verb) => [`${verb} true`, `${verb} false`]);
      try {
        for (let n = 0; n < ROUNDS / 2 || (n < ROUNDS * 10 && !wanted.every((one) => met.has(one))); n += 1) {
          note("PUT", (await h.send("PUT", "/swapped/own.txt", { body: "mine" })).status);
          note("POST", (await h.send("POST", `/swapped/made-${n}`)).status);
          // Anew each time: a move that was made, into a folder that was gone before it was looked at, is answered as failed.
          await writeFile(join(h.own, "mine.txt"), "mine");
          const body = JSON.stringify({ to: `swapped/moved-${n}` });
          note("PATCH", (await h.send("PATCH", "/mine.txt", { body })).status);
          note("DELETE", (await h.send("DELETE", "/swapped/own.txt")).status);
          if (n % 10 === 0) note("DELETE", (await h.send("DELETE", "/swapped?recursive=1")).status);
        }
      } finally {
        await swapper.terminate();
      }
      expect(wanted.filter((one) => !met.has(one))).toEqual([]);
      expect(await readdir(outside)).toEqual(["own.txt"]);
      expect(await readFile(join(outside, "own.txt"), "utf8")).toBe("SECRET");
    },
    LIMIT_MS,
  );

  it(
    "a link at the name of a file that is written is refused or replaced, never written through",
    async () => {
      const swapper = swappingFile(join(h.own, "file.txt"), join(outside, "own.txt"));
      const met = new Set<string>();
      try {
        for (let n = 0; n < ROUNDS / 2 || !(met.has("200") && met.has("409 not_a_file")); n += 1) {
          met.add(told(await h.send("PUT", "/file.txt", { body: "mine" })));
        }
      } finally {
        await swapper.terminate();
      }
      expect(await readFile(join(outside, "own.txt"), "utf8")).toBe("SECRET");
      expect((await readdir(h.own)).filter((name) => name.includes("draft-"))).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe("two who save at once", () => {
  it("[FS6] with the same version in mind: one wins, the other is told, and nothing is lost unseen", async () => {
    for (let n = 0; n < 50; n += 1) {
      const first = await h.send("PUT", `/note-${n}.txt`, { body: "first" });
      const headers = { "if-match": first.headers.get("etag")! };
      const answers = await Promise.all(
        ["left", "right", "third"].map((body) => h.send("PUT", `/note-${n}.txt`, { headers, body })),
      );
      expect(answers.map(told).toSorted()).toEqual(["200", "412 file_changed", "412 file_changed"]);
      const winner = ["left", "right", "third"][answers.findIndex(({ status }) => status === 200)];
      expect(await readFile(join(h.own, `note-${n}.txt`), "utf8")).toBe(winner);
    }
  });

  it("[FS6] a new name for the same thing: one gets it", async () => {
    for (let n = 0; n < 30; n += 1) {
      await writeFile(join(h.own, "a"), "a");
      await writeFile(join(h.own, "b"), "b");
      const body = JSON.stringify({ to: `taken-${n}` });
      const answers = await Promise.all(["/a", "/b"].map((path) => h.send("PATCH", path, { body })));
      expect(answers.map(told).toSorted()).toEqual(["200", "409 file_exists"]);
    }
  });
});

describe("a root that is a link itself", () => {
  it("[FS3] is not followed: the outputs' folder is walked to as well", async () => {
    await mkdir(join(h.root.outputsDir, "app"));
    await symlink(outside, h.outputs);
    expect(told(await h.send("GET", "?root=outputs"))).toBe("409 not_a_file");
    expect(told(await h.send("PUT", "/x?root=outputs", { body: "x" }))).toBe("409 file_exists");
    expect((await stat(outside)).isDirectory()).toBe(true);
    expect(await readdir(outside)).toEqual(["own.txt"]);
  });
});
