import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeUploadPath } from "@roundhouse/protocol/tus";
import { eventually } from "../link/gateway.ts";
import { type Bytes, type Harness, makeHarness, offsetOf, slowBody } from "./harness.ts";

const COLLECTION = "/instances/in_app/uploads";
const DAY_MS = 24 * 3600_000;
let h: Harness;
beforeEach(async () => {
  h = await makeHarness();
});
afterEach(() => h.close());

const bytesOf = (size: number): Bytes => Uint8Array.from(randomBytes(size));
const inFolder = (path: string) => readFile(join(h.folder, path));

describe("an upload", () => {
  it("[UP1] is made, written in pieces, and ends in its place", async () => {
    const bytes = bytesOf(300_000);
    const made = await h.create(bytes.length, { filename: "größe 1.bin", path: "models/vae" });
    expect([made.status, made.headers.get("tus-resumable"), offsetOf(made)]).toEqual([201, "1.0.0", 0]);
    expect(made.location).toMatch(/^\/instances\/in_app\/uploads\/up_[0-9a-z]{12}$/);
    const half = await h.patch(made.location, 0, bytes.subarray(0, 100_000));
    expect([half.status, offsetOf(half), half.headers.get("upload-path")]).toEqual([204, 100_000, null]);
    expect(existsSync(join(h.folder, "models"))).toBe(false);
    const done = await h.patch(made.location, 100_000, bytes.subarray(100_000));
    expect([done.status, offsetOf(done)]).toEqual([204, bytes.length]);
    expect(decodeUploadPath(done.headers.get("upload-path")!)).toBe("models/vae/größe 1.bin");
    expect((await inFolder("models/vae/größe 1.bin")).equals(bytes)).toBe(true);
    expect((await stat(join(h.folder, "models/vae/größe 1.bin"))).mode & 0o777).toBe(0o644);
  });

  it("[UP1] goes to `uploads` unless told otherwise; an empty path is the instance's folder", async () => {
    const { location } = await h.create(1);
    const done = await h.patch(location, 0, bytesOf(1));
    expect(done.headers.get("upload-path")).toBe("uploads/file.bin");
    const second = await h.create(1, { path: "" });
    expect((await h.patch(second.location, 0, bytesOf(1))).headers.get("upload-path")).toBe("file.bin");
  });

  it("[UP1] may bring bytes along with its creation, or have none at all", async () => {
    const metadata = `filename ${btoa("a.bin")}`;
    const headers = {
      "upload-length": "5",
      "upload-metadata": metadata,
      "content-type": "application/offset+octet-stream",
    };
    const made = await h.send("POST", COLLECTION, headers, new TextEncoder().encode("hel"));
    expect([made.status, offsetOf(made)]).toEqual([201, 3]);
    await h.patch(made.location, 3, new TextEncoder().encode("lo"));
    expect((await inFolder("uploads/a.bin")).toString()).toBe("hello");
    const empty = await h.create(0, { filename: "empty" });
    expect([empty.status, empty.headers.get("upload-path")]).toEqual([201, "uploads/empty"]);
    expect((await inFolder("uploads/empty")).length).toBe(0);
  });

  it("[UP1] tells by OPTIONS what it can do, without its version", async () => {
    const { status, headers } = await h.send("OPTIONS", COLLECTION, { "tus-resumable": "" });
    expect([status, headers.get("tus-version")]).toEqual([204, "1.0.0"]);
    expect(headers.get("tus-extension")).toBe("creation,creation-with-upload,termination,expiration");
    expect(Number(headers.get("tus-max-size"))).toBeGreaterThan(0);
  });

  it("[UP1] is refused without the version, with other bodies, and with bad metadata", async () => {
    const { location } = await h.create(10);
    const old = await h.send("HEAD", location, { "tus-resumable": "0.2.2" });
    expect([old.status, old.headers.get("tus-version")]).toEqual([412, "1.0.0"]);
    const typed = await h.send("PATCH", location, { "upload-offset": "0", "content-type": "text/plain" }, bytesOf(1));
    expect([typed.status, typed.code]).toEqual([415, "upload_type"]);
    const metadata = [
      "",
      "filename",
      "filename !!!",
      "filename YQ==,filename YQ==",
      `path ${btoa("a")}`,
      `filename ${btoa("\xff")}`,
    ];
    for (const value of metadata) {
      const { status, code } = await h.send("POST", COLLECTION, { "upload-length": "1", "upload-metadata": value });
      expect([value, status, code]).toEqual([value, 400, "invalid_input"]);
    }
    for (const length of ["", "-1", "1.5", "x", "9".repeat(17)]) {
      expect([length, (await h.create(1, {}, { "upload-length": length })).status]).toEqual([length, 400]);
    }
    const unknown = [
      "/instances/in_app/uploads/up_000000000000",
      "/instances/in_app/uploads/..%2fx",
      "/instances/in_no/uploads/up_1",
    ];
    for (const path of unknown) expect([path, (await h.head(path)).status]).toEqual([path, 404]);
    expect((await h.send("PUT", location)).status).toBe(405);
  });

  it("[UP1] needs an instance that is installed", async () => {
    h.folders.delete("in_app");
    expect(await h.create(1)).toMatchObject({ status: 409, code: "not_installed" });
    h.folders.set("in_app", join(h.root.instancesDir, "never-made"));
    expect(await h.create(1)).toMatchObject({ status: 409, code: "not_installed" });
  });
});

describe("the offset of record", () => {
  it("[UP3] counts what came before the body broke off, also for a new agent", async () => {
    const bytes = bytesOf(1000);
    const { location } = await h.create(bytes.length);
    const body = slowBody();
    const cut = h.patch(location, 0, body.readable);
    await body.send(bytes.subarray(0, 600));
    await body.breakOff();
    expect((await cut).status).toBe(500);
    h.restart();
    const head = await h.head(location);
    expect([head.status, offsetOf(head), head.headers.get("upload-length")]).toEqual([200, 600, "1000"]);
    await h.patch(location, 600, bytes.subarray(600));
    expect((await inFolder("uploads/file.bin")).equals(bytes)).toBe(true);
  });

  it("[UP3] is on the disk now and then while a long body comes, and never beyond what is", async () => {
    const MIB = 1024 * 1024;
    const bytes = bytesOf(40 * MIB);
    const { location } = await h.create(bytes.length);
    const body = slowBody();
    const cut = h.patch(location, 0, body.readable);
    for (let at = 0; at < 39 * MIB; at += MIB) await body.send(bytes.subarray(at, at + MIB));
    // What a new agent would find after a kill.
    h.restart();
    const offset = await eventually(async () => {
      const found = offsetOf(await h.head(location));
      expect(found).toBeGreaterThanOrEqual(24 * MIB);
      return found;
    });
    const part = (await h.left()).find((name) => name.endsWith(".part"))!;
    const kept = await readFile(join(h.root.stateDir, "in_app/uploads", part));
    expect(kept.subarray(0, offset).equals(bytes.subarray(0, offset))).toBe(true);
    await body.breakOff();
    await cut;
    expect(offsetOf(await h.head(location))).toBeGreaterThanOrEqual(38 * MIB);
  });

  it("[UP5] is the only place where bytes go on", async () => {
    const { location } = await h.create(10);
    await h.patch(location, 0, bytesOf(4));
    for (const offset of [0, 3, 5, 10]) {
      expect(await h.patch(location, offset, bytesOf(1))).toMatchObject({ status: 409, code: "upload_offset" });
    }
    expect(
      (await h.send("PATCH", location, { "content-type": "application/offset+octet-stream" }, bytesOf(1))).status,
    ).toBe(400);
    expect(offsetOf(await h.head(location))).toBe(4);
  });

  it("[UP5] does not pass the length, whether a body says how long it is or not", async () => {
    const { location } = await h.create(10);
    const type = "application/offset+octet-stream";
    const said = { "upload-offset": "0", "content-type": type, "content-length": "11" };
    expect((await h.send("PATCH", location, said, bytesOf(11))).status).toBe(413);
    const body = slowBody();
    const sending = h.patch(location, 0, body.readable);
    await body.send(bytesOf(8));
    await body.send(bytesOf(8)).catch(() => undefined);
    expect(await sending).toMatchObject({ status: 413, code: "body_too_large" });
    expect(offsetOf(await h.head(location))).toBe(8);
    expect(await h.create(2 ** 52)).toMatchObject({ status: 413, code: "disk_full" });
  });
});

describe("the writer of an upload", () => {
  it("[UP4] is one: another PATCH and DELETE are told to come later, HEAD is not", async () => {
    const { location } = await h.create(10);
    const body = slowBody();
    const first = h.patch(location, 0, body.readable);
    await body.send(bytesOf(5));
    expect(await h.patch(location, 0, bytesOf(1))).toMatchObject({ status: 423, code: "upload_busy" });
    expect((await h.send("DELETE", location)).status).toBe(423);
    expect((await h.head(location)).status).toBe(200);
    await body.end();
    expect(await first).toMatchObject({ status: 204 });
  });

  it("[UP4] that lost its connection gives way at once, with what it sent counted", async () => {
    const bytes = bytesOf(10);
    const { location } = await h.create(10);
    for (let at = 0; at < 9; at += 1) {
      const body = slowBody();
      const gone = new AbortController();
      const cut = h.patch(location, at, body.readable, gone.signal);
      await body.send(bytes.subarray(at, at + 1));
      gone.abort();
      // Without a pause: the client is back before the disk has answered.
      expect(offsetOf(await h.head(location))).toBe(at + 1);
      await cut;
    }
    expect((await h.patch(location, 9, bytes.subarray(9))).headers.get("upload-path")).toBe("uploads/file.bin");
    expect((await inFolder("uploads/file.bin")).equals(bytes)).toBe(true);
  });

  it("[UP4] that has been silent gives way to one that has bytes", async () => {
    const { location } = await h.create(10);
    const silent = slowBody();
    const first = h.patch(location, 0, silent.readable);
    await silent.send(bytesOf(4));
    h.clock.ms += 10_001;
    expect((await h.patch(location, 4, bytesOf(6))).status).toBe(204);
    expect(await first).toMatchObject({ status: 423, code: "upload_busy" });
  });
});

describe("a finished upload", () => {
  it("[UP7] never replaces a file, unless that is wanted", async () => {
    await mkdir(join(h.folder, "uploads"));
    await writeFile(join(h.folder, "uploads/file.bin"), "old");
    expect(await h.create(3)).toMatchObject({ status: 409, code: "file_exists" });
    const late = await h.create(3, { filename: "late" });
    await writeFile(join(h.folder, "uploads/late"), "first");
    expect(await h.patch(late.location, 0, bytesOf(3))).toMatchObject({ status: 409, code: "file_exists" });
    expect((await inFolder("uploads/late")).toString()).toBe("first");
    // The bytes are kept: once the name is free, asking is enough.
    await rm(join(h.folder, "uploads/late"));
    expect((await h.head(late.location)).headers.get("upload-path")).toBe("uploads/late");
    const { location } = await h.create(3, { overwrite: "true" });
    await h.patch(location, 0, new TextEncoder().encode("new"));
    expect((await inFolder("uploads/file.bin")).toString()).toBe("new");
  });

  it("[UP7] never replaces a folder, nor goes where a file is in the way", async () => {
    await mkdir(join(h.folder, "uploads/file.bin"), { recursive: true });
    expect(await h.create(3, { overwrite: "true" })).toMatchObject({ status: 409, code: "file_exists" });
    await writeFile(join(h.folder, "plain"), "");
    expect(await h.create(3, { path: "plain/sub" })).toMatchObject({ status: 409, code: "file_exists" });
    const { location } = await h.create(3, { filename: "later", overwrite: "true" });
    await mkdir(join(h.folder, "uploads/later/full"), { recursive: true });
    expect((await h.patch(location, 0, bytesOf(3))).status).toBe(409);
  });

  it("[UP7] is given to the user that instances run under", async ({ skip }) => {
    if (process.getuid?.() !== 0) skip("only root can give files away");
    const user = { uid: 65534, gid: 65534 };
    const given = await makeHarness({ user });
    try {
      const { location } = await given.create(3, { path: "a/b" });
      await given.patch(location, 0, bytesOf(3));
      for (const path of ["a", "a/b", "a/b/file.bin"]) {
        expect(await stat(join(given.folder, path))).toMatchObject(user);
      }
    } finally {
      await given.close();
    }
  });

  it("[UP7] is copied where its place lies on another disk", async ({ skip }) => {
    const folder = await mkdtemp("/dev/shm/rh-uploads-").catch(() => skip("no second file system here"));
    const other = await makeHarness({ folder });
    try {
      if ((await stat(other.root.path)).dev === (await stat(folder)).dev) skip("one file system only");
      const bytes = bytesOf(3_000_000);
      const { location } = await other.create(bytes.length);
      await other.patch(location, 0, bytes);
      expect((await readFile(join(folder, "uploads/file.bin"))).equals(bytes)).toBe(true);
      expect(await other.left()).toEqual([expect.stringMatching(/\.json$/)]);
      expect((await other.create(1)).code).toBe("file_exists");
    } finally {
      await other.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("[UP8] is remembered for an hour, for a client that missed the last answer", async () => {
    const { location } = await h.create(3);
    await h.patch(location, 0, bytesOf(3));
    h.restart();
    const { status, headers } = await h.head(location);
    expect([status, headers.get("upload-offset"), headers.get("upload-path")]).toEqual([200, "3", "uploads/file.bin"]);
    expect((await h.patch(location, 3, new Uint8Array())).headers.get("upload-path")).toBe("uploads/file.bin");
    h.clock.ms += 3600_001;
    expect((await h.head(location)).status).toBe(404);
    await h.store().sweep();
    expect([await h.left(), existsSync(join(h.folder, "uploads/file.bin"))]).toEqual([[], true]);
  });

  it("[UP3] whose last step was cut short by a kill is finished by the next question", async () => {
    const sum = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
    const bytes = bytesOf(5);
    // Its place is taken away at the last moment, which stops it where a kill could.
    const { location } = await h.create(5);
    h.folders.set("in_app", join(h.root.instancesDir, "elsewhere"));
    expect((await h.patch(location, 0, bytes)).status).toBe(409);
    h.folders.set("in_app", h.folder);
    h.restart();
    expect((await h.head(location)).headers.get("upload-path")).toBe("uploads/file.bin");
    expect(sum(await inFolder("uploads/file.bin"))).toBe(sum(bytes));
  });
});

describe("an unfinished upload", () => {
  it("[UP8] expires after a day of silence, and is swept with all that came of it", async () => {
    const { location, headers } = await h.create(10);
    expect(Date.parse(headers.get("upload-expires")!)).toBeCloseTo(h.clock.ms + DAY_MS, -4);
    h.clock.ms += DAY_MS - 1;
    await h.patch(location, 0, bytesOf(4));
    h.clock.ms += DAY_MS - 1;
    await h.store().sweep();
    expect((await h.head(location)).status).toBe(200);
    h.clock.ms += 2;
    expect((await h.head(location)).status).toBe(404);
    expect(await h.left()).toHaveLength(2);
    await h.store().sweep();
    expect(await h.left()).toEqual([]);
  });

  it("[UP8] is forgotten at once when it is deleted", async () => {
    const { location } = await h.create(10);
    await h.patch(location, 0, bytesOf(4));
    expect((await h.send("DELETE", location)).status).toBe(204);
    expect([(await h.head(location)).status, await h.left()]).toEqual([404, []]);
  });

  it("[UP8] leaves nothing of what a killed agent had half written, whether it goes on or is swept", async () => {
    const uploads = join(h.root.stateDir, "in_app", "uploads");
    const made = [await h.create(5), await h.create(10, { filename: "other.bin" })];
    const ids = made.map(({ location }) => location.split("/").at(-1) ?? "");
    for (const id of ids) await writeFile(join(uploads, `${id}.json.tmp`), '{"version":1,"id":"');
    h.restart();
    await h.patch(made[0]?.location ?? "", 0, bytesOf(5));
    expect((await h.left()).filter((name) => name.startsWith(ids[0] ?? "?"))).toEqual([`${ids[0]}.json`]);
    h.clock.ms += 2 * DAY_MS;
    await h.store().sweep();
    expect(await h.left()).toEqual([]);
  });

  it("[UP8] that is being written is not swept", async () => {
    const { location } = await h.create(10);
    const body = slowBody();
    const sending = h.patch(location, 0, body.readable);
    await body.send(bytesOf(5));
    h.clock.ms += 2 * DAY_MS;
    await h.store().sweep();
    expect(await h.left()).toHaveLength(2);
    await body.end();
    await eventually(async () => expect((await sending).status).toBe(204));
  });

  it("[UP5] counts against the disk before its bytes are there", async () => {
    const before = await h.store().freeBytes();
    await h.create(50_000_000_000 < before ? 50_000_000_000 : 1_000_000);
    expect(await h.store().freeBytes()).toBeLessThan(before);
  });
});

it("[UP7] links are replaced or refused, never followed", async () => {
  const outside = join(h.root.path, "secret");
  await writeFile(outside, "untouched");
  await mkdir(join(h.folder, "uploads"));
  await symlink(outside, join(h.folder, "uploads/file.bin"));
  expect((await h.create(3)).code).toBe("file_exists");
  const { location } = await h.create(3, { overwrite: "true" });
  await h.patch(location, 0, bytesOf(3));
  expect((await readFile(outside)).toString()).toBe("untouched");
  expect((await inFolder("uploads/file.bin")).length).toBe(3);
  await symlink(h.root.path, join(h.folder, "door"));
  expect(await h.create(3, { path: "door" })).toMatchObject({ status: 409, code: "file_exists" });
  const late = await h.create(3, { path: "late/deep" });
  await symlink(h.root.path, join(h.folder, "late"));
  expect((await h.patch(late.location, 0, bytesOf(3))).status).toBe(409);
  expect(existsSync(join(h.root.path, "deep"))).toBe(false);
});
