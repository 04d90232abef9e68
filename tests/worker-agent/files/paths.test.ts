import { lstat, mkdir, readdir, readFile, realpath, symlink, writeFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkPath, decodePath } from "../../../worker-agent/src/files/names.ts";
import { encoded, type Harness, makeHarness, told } from "./harness.ts";

/** Fragments that have led out of some program's folder, as they may stand in a URL. */
const TRAPS = [
  ...[
    "..",
    ".",
    "",
    "...",
    "%2e%2e",
    "%2E.",
    "%252e%252e",
    "%252e%252e%252f",
    "..%2f",
    "..%2F..",
    "%2f",
    "%5c",
    "..%5c",
  ],
  ...["%00", "..%00", "a%00.png", "~", "%e2%80%a5", "%ef%bc%8e%ef%bc%8e", "%c0%ae%c0%ae", "%ff", "%", "%zz", "%u002e"],
  ...["a", "b", "A%CC%8A", "%C3%85", "x".repeat(300), "%20", "C:", "file:", "-rf", "%0a", "%1b]0;", "+", ";", "&"],
];
/** Links that lie in the instance's folder: out of it, up, to a file outside, to themselves, to a folder of the same instance. */
const LINKS = {
  door: "../../outside",
  up: "..",
  secret: "../../outside/secret.txt",
  loop: "loop",
  side: "real",
  gone: "nowhere",
  absolute: "/",
};

const text = fc.oneof(fc.constantFrom(...TRAPS), fc.string({ unit: "binary", maxLength: 6 }).map(encodeAll));
const urlPath = fc.array(text, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/"));

function encodeAll(raw: string): string {
  return encodeURIComponent(raw.replaceAll(/\p{Cs}/gu, "?"));
}

describe("a path of a URL", () => {
  it("[FS2] that is taken stays below its root and is what was written, for any text", () => {
    let taken = 0;
    fc.assert(
      fc.property(urlPath, fc.constantFrom("make", "find"), (path, purpose) => {
        let parts: string[];
        try {
          const { folder, name } = checkPath(decodePath(path), purpose);
          parts = [...folder, name];
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid_input", message: expect.stringContaining("path") });
          return;
        }
        taken += 1;
        const place = resolve("/base/folder", ...parts);
        expect(place).toBe(`/base/folder/${parts.join("/")}`);
        expect(place.startsWith(`/base/folder${sep}`)).toBe(true);
        expect(parts.map((part) => encodeURIComponent(part)).join("/")).toBe(
          path.split("/").map(decodeURIComponent).map(encodeURIComponent).join("/"),
        );
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  it("[FS2] is decoded once: what is encoded twice is a name, what hides a slash is refused", () => {
    expect(decodePath("%252e%252e/a")).toBe("%2e%2e/a");
    expect(() => decodePath("..%2fa")).toThrow(/encoded slash/);
    expect(() => decodePath("a%2Fb")).toThrow(/encoded slash/);
    expect(() => decodePath("%ff")).toThrow(/percent-encoded UTF-8/);
    expect(() => checkPath(decodePath("%2e%2e/a"), "find")).toThrow(/the part \.\./);
    expect(() => checkPath("a\0b", "find")).toThrow(/NUL/);
    expect(() => checkPath("a/", "find")).toThrow(/empty part/);
    expect(() => checkPath("a\u001b[2J", "make")).toThrow(/control character/);
    expect(checkPath("a\u001b[2J", "find")).toEqual({ folder: [], name: "a\u001b[2J" });
    expect(checkPath("a\\..\\b", "make")).toEqual({ folder: [], name: "a\\..\\b" });
  });
});

describe("whatever is asked", () => {
  let h: Harness;
  let outside: string;
  beforeEach(async () => {
    h = await makeHarness();
    outside = join(h.root.path, "outside");
    await mkdir(join(outside, "deep"), { recursive: true });
    await writeFile(join(outside, "secret.txt"), "SECRET");
    await writeFile(join(outside, "deep/secret.txt"), "SECRET");
    await mkdir(join(h.own, "real/deep"), { recursive: true });
    for (const name of ["real", "real/deep"]) await writeFile(join(h.own, name, "own.txt"), "own");
    for (const [name, target] of Object.entries(LINKS)) await symlink(target, join(h.own, name));
    for (const [name, target] of Object.entries(LINKS)) await symlink(join(h.own, target), join(h.own, "real", name));
  });
  afterEach(() => h.close());

  const part = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(LINKS), "real", "deep", "own.txt", "secret.txt", "new") },
    { weight: 1, arbitrary: text },
  );
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
  const verb = fc.constantFrom("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "LIST");
  const root = fc.constantFrom("", "?root=instance", "?root=outputs", "?root=models", "?root=datasets");

  it("[FS2] [FS3] nothing outside the roots is read, changed or removed, through any path, link or verb", async () => {
    const before = await outsideOf(h);
    const statuses = new Set<string>();
    await fc.assert(
      fc.asyncProperty(verb, path, path, root, async (method, from, to, query) => {
        const recursive = method === "DELETE" ? `${query === "" ? "?" : `${query}&`}recursive=1` : query;
        const body =
          method === "PUT" ? "written" : method === "PATCH" ? JSON.stringify({ to: to.slice(1) }) : undefined;
        const listQuery = `?path=${from.slice(1)}${query.replace("?", "&")}`;
        const answer = await (method === "LIST"
          ? h.send("GET", listQuery)
          : h.send(method, from + recursive, { body }));
        statuses.add(`${method} ${answer.status}`);
        expect(`${method} ${from}: ${told(answer)}`).not.toMatch(/ 500/);
        expect(answer.text).not.toContain("SECRET");
        // "SECRET" has six bytes, what is written here has seven or three.
        const listed = method === "LIST" && answer.status === 200 ? answer.json.items : [];
        expect(listed.map(({ size }) => size)).not.toContain(6);
      }),
      { numRuns: 1_500 },
    );
    expect(await outsideOf(h)).toEqual(before);
    for (const good of ["GET 200", "PUT 201", "POST 201", "PATCH 200", "DELETE 204", "LIST 200"]) {
      expect([...statuses]).toContain(good);
    }
  }, 120_000);

  it("[FS3] a link is shown with its target, is not followed, and is removed as a link", async () => {
    const { items } = (await h.send("GET", "?limit=100")).json;
    const byName = Object.fromEntries(items.map((item) => [item.name, item]));
    expect(byName["door"]).toMatchObject({
      kind: "link",
      target: "../../outside",
      leadsTo: null,
      size: null,
      etag: null,
    });
    expect(byName["side"]).toMatchObject({ kind: "link", leadsTo: { root: "instance", path: "real" } });
    for (const path of [
      "/secret",
      "/door/secret.txt",
      "/side/own.txt",
      "/loop",
      "/up/app/real/own.txt",
      "/absolute/etc/passwd",
    ]) {
      expect(`${path} ${told(await h.send("GET", path))}`).toBe(`${path} 409 not_a_file`);
    }
    expect(told(await h.send("PUT", "/secret", { body: "x" }))).toBe("409 not_a_file");
    expect(told(await h.send("PUT", "/door/new.txt", { body: "x" }))).toBe("409 file_exists");
    expect(told(await h.send("DELETE", "/door?recursive=1"))).toBe("204");
    expect(await readdir(outside)).toEqual(["deep", "secret.txt"]);
    expect(told(await h.send("DELETE", "/real?recursive=1"))).toBe("204");
    expect(await readFile(join(outside, "deep/secret.txt"), "utf8")).toBe("SECRET");
  });

  it("[FS3] a link can be renamed, and stays one", async () => {
    expect(told(await h.send("PATCH", "/door", { body: JSON.stringify({ to: "gate" }) }))).toBe("200");
    expect((await lstat(join(h.own, "gate"))).isSymbolicLink()).toBe(true);
    expect(told(await h.send("PATCH", "/real/own.txt", { body: JSON.stringify({ to: "gate/own.txt" }) }))).toBe(
      "409 file_exists",
    );
    expect(told(await h.send("PATCH", "/real/own.txt", { body: JSON.stringify({ to: "../own.txt" }) }))).toBe(
      "400 invalid_input",
    );
  });

  it("[FS2] names of one look are different names: nothing is normalised", async () => {
    await h.send("PUT", encoded("\u00c5.txt"), { body: "composed" });
    await h.send("PUT", encoded("A\u030a.txt"), { body: "decomposed" });
    expect((await h.send("GET", encoded("\u00c5.txt"))).text).toBe("composed");
    expect((await h.send("GET", encoded("A\u030a.txt"))).text).toBe("decomposed");
    expect((await h.send("GET", "/%252e%252e")).status).toBe(404);
  });

  it("[FS2] a file with its place in a deep folder is where its path says", async () => {
    expect(told(await h.send("PUT", "/new/a/b.txt", { body: "x" }))).toBe("201");
    const place = join(h.own, "new/a/b.txt");
    expect(await realpath(place)).toBe(place);
  });
});

/** Everything of the data root that is no root of the instance, with its text. */
async function outsideOf(h: Harness): Promise<string[]> {
  const names = await readdir(h.root.path, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of names) {
    const place = join(entry.parentPath, entry.name);
    const isInside = [h.own, h.outputs, h.root.modelsDir, h.root.datasetsDir, join(h.root.outputsDir, "app")].some(
      (root) => place === root || place.startsWith(root + sep),
    );
    if (!isInside) found.push(entry.isFile() ? `${place} ${await readFile(place, "utf8")}` : place);
  }
  return found.toSorted();
}
