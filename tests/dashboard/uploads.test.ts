import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { decodeUploadMetadata } from "@roundhouse/protocol/tus";
import { uploadFile, type UploadOptions } from "../../dashboard/src/uploads/tus-client.ts";
import { FakeTus } from "./fake-tus.ts";

const MIB = 1024 * 1024;
const URL_1 = "/api/instances/in_1/uploads/up_1";
let server: FakeTus;
let waits: number[];
let progress: [number, number][];

beforeEach(() => {
  server = new FakeTus();
  waits = [];
  progress = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function upload(bytes: Uint8Array<ArrayBuffer>, changes: Partial<UploadOptions> = {}) {
  return uploadFile({
    instanceId: "in_1",
    file: new File([bytes], "größe.bin", { lastModified: 1 }),
    signal: new AbortController().signal,
    onProgress: (sent, total) => progress.push([sent, total]),
    onWaiting: (ms) => {
      waits.push(ms);
      // The clock moves only when somebody waits for it.
      queueMicrotask(() => void vi.runAllTimersAsync());
    },
    ...changes,
  });
}

const bytesOf = (size: number): Uint8Array<ArrayBuffer> => Uint8Array.from(randomBytes(size));
const error = (status: number, code: string) => ({
  status,
  body: JSON.stringify({ error: { code, message: "no", hint: "later" } }),
});

describe("an upload", () => {
  it("[UP1] goes in chunks of 32 MiB, tells how far it is, and ends with the file's place", async () => {
    const bytes = bytesOf(70 * MIB);
    expect(await upload(bytes, { folder: "models/vae", overwrite: true })).toEqual({ path: "uploads/größe.bin" });
    const made = server.uploads.get(URL_1)!;
    expect(Buffer.compare(made.bytes, bytes)).toBe(0);
    expect([...(decodeUploadMetadata(made.metadata) ?? [])]).toEqual([
      ["filename", "größe.bin"],
      ["root", "instance"],
      ["path", "models/vae"],
      ["overwrite", "true"],
    ]);
    expect(server.sizes).toEqual([32 * MIB, 32 * MIB, 6 * MIB]);
    expect(progress[0]).toEqual([0, bytes.length]);
    expect(progress.at(-1)).toEqual([bytes.length, bytes.length]);
    expect(progress.map(([sent]) => sent)).toEqual(progress.map(([sent]) => sent).toSorted((a, b) => a - b));
    expect([server.stored.size, waits]).toEqual([0, []]);
  });

  it("[UP1] of an empty file is its creation", async () => {
    expect(await upload(bytesOf(0))).toEqual({ path: "uploads/größe.bin" });
    expect(server.requests).toEqual(["POST /api/instances/in_1/uploads", `GET ${URL_1}`]);
  });

  it("[UP3] that is broken off goes on from what arrived, whatever was in the way", async () => {
    const bytes = bytesOf(40 * MIB);
    const busy = error(423, "upload_busy");
    const offline = error(503, "node_offline");
    server.faults = [offline, undefined, undefined, { cutAfter: 5 * MIB }, offline, undefined, busy, undefined];
    await upload(bytes);
    expect(Buffer.compare(server.uploads.get(URL_1)!.bytes, bytes)).toBe(0);
    expect(server.sizes).toEqual([32 * MIB, 32 * MIB, 3 * MIB]);
    expect(waits).toHaveLength(4);
  });

  it("[UP3] is continued by another page, which remembers where", async () => {
    const bytes = bytesOf(40 * MIB);
    const leaving = new AbortController();
    server.faults = [undefined, undefined, { cutAfter: 7 * MIB }];
    const left = upload(bytes, { signal: leaving.signal, onWaiting: () => leaving.abort(new Error("left")) });
    await expect(left).rejects.toThrow("left");
    const before = server.requests.length;
    await upload(bytes);
    expect(server.requests.slice(before)).toEqual([`GET ${URL_1}`, `PATCH ${URL_1}`, `PATCH ${URL_1}`]);
    expect(Buffer.compare(server.uploads.get(URL_1)!.bytes, bytes)).toBe(0);
  });

  it("[UP8] that the node forgot begins anew", async () => {
    const bytes = bytesOf(10);
    server.faults = [undefined, error(404, "not_found")];
    await upload(bytes);
    expect(server.uploads.size).toBe(2);
    expect(server.stored.size).toBe(0);
  });

  it("is refused in the node's words when waiting would not help", async () => {
    for (const [status, code] of [
      [409, "file_exists"],
      [404, "not_found"],
      [401, "unauthenticated"],
    ] as const) {
      server.faults = [error(status, code)];
      await expect(upload(bytesOf(10))).rejects.toMatchObject({ status, code, hint: "later" });
    }
    expect([server.stored.size, waits]).toEqual([0, []]);
  });

  it("ends with the file it reads, which may be gone from the disk", async () => {
    const file = new File([bytesOf(10)], "a.bin");
    vi.spyOn(file, "slice").mockImplementation(() => {
      throw new DOMException("the file was changed", "NotReadableError");
    });
    await expect(upload(bytesOf(0), { file })).rejects.toThrow("the file was changed");
  });
});
