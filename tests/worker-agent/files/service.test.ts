import { chmod, link, mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_PUT_BYTES } from "@roundhouse/protocol/file-types";
import { parseRange } from "../../../worker-agent/src/files/range.ts";
import { type Bytes, encoded, type Harness, makeHarness, told } from "./harness.ts";

const IS_ROOT = process.getuid?.() === 0;
/** The user that apps run under: another one where this test may switch, else its own. */
const APP_USER = IS_ROOT ? { uid: 65534, gid: 65534 } : { uid: process.getuid!(), gid: process.getgid!() };

let h: Harness;
beforeEach(async () => {
  h = await makeHarness(APP_USER);
});
afterEach(() => h.close());

describe("a list", () => {
  it("[FS1] tells name, kind, size and time, in pages by name", async () => {
    await mkdir(join(h.own, "b-folder"));
    for (const name of ["a.txt", "c.txt", "größe.txt"]) await writeFile(join(h.own, name), name);
    const first = (await h.send("GET", "?limit=2")).json;
    expect(first.items).toMatchObject([
      { name: "a.txt", kind: "file", size: 5, target: null },
      { name: "b-folder", kind: "folder", size: null, etag: null },
    ]);
    expect(Date.parse(first.items[0]!.modifiedAt)).toBeGreaterThan(Date.now() - 60_000);
    const second = (await h.send("GET", `?limit=2&cursor=${encodeURIComponent(first.cursor!)}`)).json;
    expect([second.items.map(({ name }) => name), second.cursor]).toEqual([["c.txt", "größe.txt"], null]);
    expect((await h.send("GET", "?limit=2&cursor=zzzz")).json).toMatchObject({
      items: expect.any(Array),
      cursor: null,
    });
  });

  it("[FS1] of outputs that are not there yet is empty, of another folder that is not there 404", async () => {
    expect((await h.send("GET", "?root=outputs")).json).toEqual({ items: [], cursor: null });
    expect(told(await h.send("GET", "?path=none"))).toBe("404 not_found");
    expect(told(await h.send("GET", "?root=attic"))).toBe("400 invalid_input");
    expect(told(await h.send("GET", "?limit=0"))).toBe("400 invalid_input");
  });

  it("[FS1] shows what no path can name, and pipes and sockets as what they are", async () => {
    execFileSync("mkfifo", [join(h.own, "pipe")]);
    await writeFile(Buffer.concat([Buffer.from(`${h.own}/bad-`), Buffer.from([0xff])]), "x");
    const server = createServer().listen(join(h.own, "sock"));
    const items = (await h.send("GET", "")).json.items.map(({ name, kind }) => `${kind} ${name}`);
    expect(items).toEqual(["file bad-\ufffd", "other pipe", "other sock"]);
    for (const name of ["pipe", "sock"]) expect(told(await h.send("GET", `/${name}`))).toBe("409 not_a_file");
    server.close();
    await mkdir(join(h.own, "odd"));
    await writeFile(Buffer.concat([Buffer.from(`${h.own}/odd/`), Buffer.from([0xfe, 0x41])]), "x");
    expect(told(await h.send("DELETE", "/odd?recursive=1"))).toBe("204");
  });
});

describe("a file", () => {
  it("[FS4] comes whole, with its type, its length and its version", async () => {
    await writeFile(join(h.own, "a.sh"), "echo ä\n");
    const answer = await h.send("GET", "/a.sh");
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-length": "8",
      "accept-ranges": "bytes",
      "roundhouse-files": "1",
      etag: expect.stringMatching(/^"[0-9a-z-]+"$/),
    });
    expect(answer.text).toBe("echo ä\n");
    const head = await h.send("HEAD", "/a.sh");
    expect([head.status, head.headers.get("content-length"), head.text]).toEqual([200, "8", ""]);
    const again = await h.send("GET", "/a.sh", { headers: { "if-none-match": answer.headers.get("etag")! } });
    expect([again.status, again.text]).toEqual([304, ""]);
  });

  it("[FS4] is an image by its name, text by its content, and bytes otherwise; a page or an SVG is text", async () => {
    const types: Record<string, [string | Bytes, string]> = {
      "a.PNG": ["x", "image/png"],
      "a.mp3": ["x", "audio/mpeg"],
      "a.mp4": ["x", "video/mp4"],
      "a.html": ["<script>alert(1)</script>", "text/plain; charset=utf-8"],
      "a.svg": ["<svg onload='alert(1)'/>", "text/plain; charset=utf-8"],
      "a.bin": [new Uint8Array([0, 1, 2]), "application/octet-stream"],
      "latin1.txt": [new Uint8Array([0x66, 0xfc, 0x72]), "application/octet-stream"],
      empty: ["", "text/plain; charset=utf-8"],
      "cut.txt": ["ä".repeat(8_000), "text/plain; charset=utf-8"],
    };
    for (const [name, [content, type]] of Object.entries(types)) {
      await writeFile(join(h.own, name), content);
      expect([name, (await h.send("GET", `/${name}`)).headers.get("content-type")]).toEqual([name, type]);
    }
  });

  it("[FS5] comes in ranges, all of which together are the file", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => n % 251));
    await writeFile(join(h.own, "big.bin"), bytes);
    const whole = await h.send("GET", "/big.bin");
    expect(whole.bytes.equals(bytes)).toBe(true);
    const etag = whole.headers.get("etag")!;
    const part = await h.send("GET", "/big.bin", { headers: { range: "bytes=100-199", "if-range": etag } });
    expect([part.status, part.headers.get("content-range"), part.headers.get("content-length")]).toEqual([
      206,
      "bytes 100-199/300000",
      "100",
    ]);
    expect(part.bytes.equals(bytes.subarray(100, 200))).toBe(true);
    const stale = await h.send("GET", "/big.bin", { headers: { range: "bytes=0-9", "if-range": '"other"' } });
    expect([stale.status, stale.bytes.length]).toEqual([200, 300_000]);
    const behind = await h.send("GET", "/big.bin", { headers: { range: "bytes=300000-" } });
    expect([told(behind), behind.json.error.details]).toEqual(["416 bad_range", { size: 300_000 }]);
  });

  it("[FS5] gives for any range what the whole file has there", () => {
    const size = fc.nat({ max: 40 });
    const number = fc.option(fc.nat({ max: 50 }));
    fc.assert(
      fc.property(size, number, number, (size, from, to) => {
        const header = `bytes=${from ?? ""}-${to ?? ""}`;
        const all = Array.from({ length: size }, (_, n) => n);
        const expected =
          from === null
            ? to === null
              ? all
              : to === 0
                ? []
                : all.slice(-to)
            : all.slice(from, to === null ? size : to + 1);
        let range;
        try {
          range = parseRange(header, size);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad_range" });
          expect(expected).toEqual([]);
          return;
        }
        const isOrdinary = (from !== null || to !== null) && !(from !== null && to !== null && from > to);
        expect(range !== undefined).toBe(isOrdinary);
        if (range) expect(all.slice(range.start, range.end + 1)).toEqual(expected);
      }),
      { numRuns: 5_000 },
    );
  });

  it("[FS5] that becomes shorter while it is read breaks off, and is closed", async () => {
    await writeFile(join(h.own, "shrinks.bin"), Buffer.alloc(4 * 1024 * 1024));
    const response = await h.service(new Request("http://agent/instances/in_app/files/shrinks.bin"));
    const reader = response.body!.getReader();
    await reader.read();
    await truncate(join(h.own, "shrinks.bin"), 10);
    const rest = async () => {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read());
    };
    await expect(rest()).rejects.toThrow("became shorter");
  });

  it("[FS3] of somebody else under a second name is not read", async ({ skip }) => {
    if (!IS_ROOT) skip("only root can make a file of another user");
    await writeFile(join(h.root.stateDir, "secret"), "SECRET");
    await link(join(h.root.stateDir, "secret"), join(h.own, "innocent"));
    expect(told(await h.send("GET", "/innocent"))).toBe("409 not_a_file");
  });
});

describe("a write", () => {
  it("[FS6] replaces the whole file in one step, keeps its mode, and gives it to the app's user", async () => {
    await writeFile(join(h.own, "run.sh"), "old");
    await chmod(join(h.own, "run.sh"), 0o750);
    const before = await stat(join(h.own, "run.sh"));
    const answer = await h.send("PUT", "/run.sh", { body: "new" });
    expect([told(answer), answer.json]).toMatchObject(["200", { name: "run.sh", kind: "file", size: 3 }]);
    const after = await stat(join(h.own, "run.sh"));
    expect([after.mode & 0o777, after.uid, after.ino === before.ino]).toEqual([0o750, APP_USER.uid, false]);
    expect(await readdir(h.own)).toEqual(["run.sh"]);
    expect(answer.headers.get("etag")).toBe((await h.send("HEAD", "/run.sh")).headers.get("etag"));
  });

  it("[FS6] makes folders on the way, which belong to the app's user as well", async () => {
    expect(told(await h.send("PUT", "/a/b/c.txt?root=outputs", { body: "x" }))).toBe("201");
    for (const path of ["", "a", "a/b", "a/b/c.txt"]) {
      expect([path, (await stat(join(h.outputs, path))).uid]).toEqual([path, APP_USER.uid]);
    }
    expect(told(await h.send("PUT", "/loras/x.bin?root=models", { body: "x" }))).toBe("201");
    expect(await readFile(join(h.root.modelsDir, "loras/x.bin"), "utf8")).toBe("x");
    expect(told(await h.send("PUT", "/faces/x.txt?root=datasets", { body: "x" }))).toBe("201");
    expect(await readFile(join(h.root.datasetsDir, "faces/x.txt"), "utf8")).toBe("x");
  });

  it("[FS6] with If-Match of another version gets 412 with the version that is there, and changes nothing", async () => {
    const first = await h.send("PUT", "/note.txt", { body: "first" });
    const etag = first.headers.get("etag")!;
    await writeFile(join(h.own, "note.txt"), "by the app");
    const refused = await h.send("PUT", "/note.txt", { body: "mine", headers: { "if-match": etag } });
    expect(told(refused)).toBe("412 file_changed");
    expect(await readFile(join(h.own, "note.txt"), "utf8")).toBe("by the app");
    const headers = { "if-match": refused.json.error.details!.etag! };
    expect(told(await h.send("PUT", "/note.txt", { body: "mine", headers }))).toBe("200");
    expect(told(await h.send("PUT", "/none.txt", { body: "x", headers: { "if-match": etag } }))).toBe(
      "412 file_changed",
    );
    expect(told(await h.send("PUT", "/note.txt", { body: "x", headers: { "if-none-match": "*" } }))).toBe(
      "412 file_changed",
    );
    expect(told(await h.send("PUT", "/other.txt", { body: "x", headers: { "if-none-match": "*" } }))).toBe("201");
  });

  it("[FS6] that breaks off or is too long leaves the old file, and nothing beside it", async () => {
    await writeFile(join(h.own, "kept.txt"), "kept");
    const breaking = new ReadableStream<Bytes>({
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: (controller) => controller.error(new Error("the client went away")),
    });
    expect(told(await h.send("PUT", "/kept.txt", { body: breaking }))).toBe("500 internal");
    let left = MAX_PUT_BYTES + 1;
    const long = new ReadableStream<Bytes>({
      pull: (controller) => {
        const size = Math.min(left, 1024 * 1024);
        left -= size;
        if (size > 0) controller.enqueue(new Uint8Array(size));
        else controller.close();
      },
    });
    expect(told(await h.send("PUT", "/kept.txt", { body: long }))).toBe("413 body_too_large");
    expect(await readFile(join(h.own, "kept.txt"), "utf8")).toBe("kept");
    expect(await readdir(h.own)).toEqual(["kept.txt"]);
  });

  it("[FS6] where a folder is, or below a file, is refused with what is in the way", async () => {
    await mkdir(join(h.own, "folder"));
    await writeFile(join(h.own, "file"), "x");
    expect(told(await h.send("PUT", "/folder", { body: "x" }))).toBe("409 not_a_file");
    const below = await h.send("PUT", "/file/x", { body: "x" });
    expect([told(below), below.json.error.message]).toEqual(["409 file_exists", expect.stringContaining('"file"')]);
  });
});

describe("a folder, a new name, a removal", () => {
  it("[FS7] a folder is made once", async () => {
    expect((await h.send("POST", "/a/b")).json).toMatchObject({ name: "b", kind: "folder" });
    expect(told(await h.send("POST", "/a/b"))).toBe("409 file_exists");
    expect((await stat(join(h.own, "a/b"))).uid).toBe(APP_USER.uid);
  });

  it("[FS8] a rename moves within and between the roots, and never over anything", async () => {
    await mkdir(join(h.own, "from/deep"), { recursive: true });
    await writeFile(join(h.own, "from/deep/x.bin"), "x");
    await writeFile(join(h.own, "there"), "there");
    const send = (path: string, body: unknown) => h.send("PATCH", path, { body: JSON.stringify(body) });
    expect((await send("/from/deep/x.bin", { to: "lora.bin", toRoot: "models" })).json.name).toBe("lora.bin");
    expect(await readFile(join(h.root.modelsDir, "lora.bin"), "utf8")).toBe("x");
    expect(told(await send("/from", { to: "new/place" }))).toBe("200");
    expect(told(await send("/new", { to: "new/place/deep/new" }))).toBe("400 invalid_input");
    expect(told(await send("/new", { to: "there" }))).toBe("409 file_exists");
    expect(told(await send("/there", { to: "new" }))).toBe("409 file_exists");
    expect(told(await send("/none", { to: "x" }))).toBe("404 not_found");
    expect(told(await send("/there", { to: "there" }))).toBe("409 file_exists");
    expect(told(await send("/there", {}))).toBe("400 invalid_input");
    expect(await readFile(join(h.own, "there"), "utf8")).toBe("there");
  });

  it("[FS8] what lies in a container's folder does not leave it", async () => {
    const closed = await makeHarness(null, true);
    await writeFile(join(closed.own, "x"), "x");
    const send = (body: unknown) => closed.send("PATCH", "/x", { body: JSON.stringify(body) });
    for (const toRoot of ["models", "outputs"]) expect(told(await send({ to: "x", toRoot }))).toBe("409 conflict");
    expect(await readFile(join(closed.own, "x"), "utf8")).toBe("x");
    expect(told(await send({ to: "y", toRoot: "instance" }))).toBe("200");
    await closed.close();
  });

  it("[FS9] a removal takes a file, an empty folder, and a filled one only when told", async () => {
    await mkdir(join(h.own, "full/deep/deeper"), { recursive: true });
    await writeFile(join(h.own, "full/deep/x"), "x");
    await writeFile(join(h.own, "y"), "y");
    expect(told(await h.send("DELETE", "/y"))).toBe("204");
    expect(told(await h.send("DELETE", "/y"))).toBe("404 not_found");
    expect(told(await h.send("DELETE", "/full/deep/deeper"))).toBe("204");
    const refused = await h.send("DELETE", "/full");
    expect([told(refused), refused.json.error.hint]).toEqual([
      "409 folder_not_empty",
      expect.stringContaining("recursive=1"),
    ]);
    expect(told(await h.send("DELETE", "/full?recursive=1"))).toBe("204");
    expect(await readdir(h.own)).toEqual([]);
  });

  it("[FS9] a name with a control character can be removed, and not be made", async () => {
    await writeFile(join(h.own, "bad\nname"), "x");
    expect(told(await h.send("PUT", encoded("other\nname"), { body: "x" }))).toBe("400 invalid_input");
    expect(told(await h.send("DELETE", encoded("bad\nname")))).toBe("204");
  });

  it("[FS1] an instance without a folder, and a method nobody knows, are refused", async () => {
    const other = await h.service(new Request("http://agent/instances/in_other/files"));
    expect([other.status, await other.json()]).toMatchObject([409, { error: { code: "not_installed" } }]);
    expect(told(await h.send("OPTIONS", "/x"))).toBe("405 method_not_allowed");
    expect(told(await h.send("POST", ""))).toBe("405 method_not_allowed");
    expect(h.lines).toEqual([]);
  });
});
