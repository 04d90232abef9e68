/** The uploads of a page: in sequence, paused, resumed, asked about and cancelled. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keptUploads, keyOf } from "../../dashboard/src/uploads/kept.ts";
import { addSample, rateOf, remainingMs } from "../../dashboard/src/uploads/rate.ts";
import { percent, sentPercent, uploads } from "../../dashboard/src/uploads/uploads.ts";
import { FakeTus } from "./fake-tus.ts";

const FOLDER = "uploads";
let server: FakeTus;
const listeners = new Set<string>();

beforeEach(() => {
  server = new FakeTus();
  vi.stubGlobal("addEventListener", (type: string) => void listeners.add(type));
  vi.stubGlobal("removeEventListener", (type: string) => void listeners.delete(type));
});
afterEach(() => {
  uploads.value = [];
  vi.unstubAllGlobals();
});

const queue = () => import("../../dashboard/src/uploads/queue.ts");
const file = (name: string, size = 5): File => new File([new Uint8Array(size)], name, { lastModified: 1 });
const states = (): string[] => uploads.value.map(({ state }) => state);
const refused = (status: number, code: string) => ({
  status,
  body: JSON.stringify({ error: { code, message: "no", hint: "later" } }),
});

describe("the queue of uploads", () => {
  it("sends several files one after another, and asks before the page is left meanwhile", async () => {
    const { addFiles } = await queue();
    addFiles("in_1", [file("a"), file("b")], FOLDER);
    expect(states()).toEqual(["sending", "queued"]);
    expect(listeners).toContain("beforeunload");
    await vi.waitFor(() => expect(states()).toEqual(["done", "done"]));
    expect(server.requests.map((line) => line.split(" ")[0])).toEqual(["POST", "GET", "PATCH", "POST", "GET", "PATCH"]);
    expect(listeners).not.toContain("beforeunload");
  });

  it("sends to two instances at once", async () => {
    const { addFiles } = await queue();
    addFiles("in_1", [file("a")], FOLDER);
    addFiles("in_2", [file("a")], FOLDER);
    expect(states()).toEqual(["sending", "sending"]);
    await vi.waitFor(() => expect(states()).toEqual(["done", "done"]));
  });

  it("goes on with the next file while one is paused, and with that one when it is resumed", async () => {
    const { addFiles, pauseUpload, resumeUpload } = await queue();
    addFiles("in_1", [file("a"), file("b")], FOLDER);
    const first = uploads.value[0]!;
    pauseUpload(first.id);
    expect(states()).toEqual(["paused", "queued"]);
    await vi.waitFor(() => expect(states()).toEqual(["paused", "done"]));
    resumeUpload(first.id);
    await vi.waitFor(() => expect(states()).toEqual(["done", "done"]));
  });

  it("asks when a file of that name lies there, and overwrites it only then", async () => {
    const { addFiles, overwriteWith } = await queue();
    server.faults = [refused(409, "file_exists")];
    addFiles("in_1", [file("a"), file("b")], FOLDER);
    await vi.waitFor(() => expect(states()).toEqual(["exists", "done"]));
    overwriteWith(uploads.value[0]!.id);
    await vi.waitFor(() => expect(states()).toEqual(["done", "done"]));
    const metadata = [...server.uploads.values()].map((upload) => upload.metadata);
    expect(metadata.map((text) => text.includes(`overwrite ${btoa("true")}`))).toEqual([false, true]);
  });

  it("shows what waiting does not mend, and tries again when told", async () => {
    const { addFiles, resumeUpload } = await queue();
    server.faults = [refused(403, "forbidden")];
    addFiles("in_1", [file("a")], FOLDER);
    await vi.waitFor(() => expect(states()).toEqual(["failed"]));
    resumeUpload(uploads.value[0]!.id);
    await vi.waitFor(() => expect(states()).toEqual(["done"]));
  });

  it("takes a cancelled upload off the list, and what was sent of it off the node", async () => {
    const { addFiles, cancelUpload } = await queue();
    server.faults = [undefined, undefined, refused(403, "forbidden"), refused(423, "upload_busy")];
    addFiles("in_1", [file("a")], FOLDER);
    await vi.waitFor(() => expect(states()).toEqual(["failed"]));
    await cancelUpload(uploads.value[0]!);
    expect(uploads.value).toEqual([]);
    expect(server.requests.slice(-2)).toEqual(Array(2).fill("DELETE /api/instances/in_1/uploads/up_1"));
    expect(server.stored.size).toBe(0);
  });
});

describe("an upload that was begun", () => {
  it("is known by its file and place, to every page of this browser", () => {
    const begun = {
      instanceId: "in_1",
      folder: "models",
      file: { name: "a", size: 5, lastModified: 1 },
      overwrite: true,
    };
    vi.stubGlobal("localStorage", {
      [keyOf(begun)]: "/api/instances/in_1/uploads/up_1",
      [keyOf({ ...begun, instanceId: "in_2" })]: "/api/instances/in_2/uploads/up_2",
      "roundhouse.proof": "x",
    });
    expect(keptUploads("in_1")).toEqual([{ ...begun, root: "instance" }]);
    expect(keyOf({ ...begun, root: "instance" })).toBe(keyOf(begun));
    expect(keyOf({ ...begun, root: "models" })).not.toBe(keyOf(begun));
  });
});

describe("an upload's pace", () => {
  it("is that of the last seconds", () => {
    let samples = [{ at: 0, bytes: 0 }];
    expect(rateOf(samples)).toBeNull();
    samples = addSample(samples, { at: 1_000, bytes: 1_000 });
    expect(rateOf(samples)).toBe(1_000);
    samples = addSample(addSample(samples, { at: 7_000, bytes: 13_000 }), { at: 8_000, bytes: 15_000 });
    expect(rateOf(samples)).toBe(2_000);
  });

  it("begins anew where bytes are sent again", () => {
    const samples = addSample([{ at: 0, bytes: 100 }], { at: 1_000, bytes: 50 });
    expect(samples).toEqual([{ at: 1_000, bytes: 50 }]);
  });

  it("tells the time that is left, unless nothing moves", () => {
    expect(remainingMs(3_000, 1_000)).toBe(3_000);
    expect([remainingMs(3_000, 0), remainingMs(3_000, null)]).toEqual([null, null]);
  });
});

describe("how much has arrived", () => {
  it("is 100 % only when all has", () => {
    expect([percent(0, 10), percent(999, 1000), percent(1000, 1000), percent(0, 0)]).toEqual([0, 99, 100, 0]);
  });

  it("is told of an instance while something is on its way there", async () => {
    const { addFiles } = await queue();
    expect(sentPercent(uploads.value, "in_1")).toBeUndefined();
    addFiles("in_1", [file("a")], FOLDER);
    expect([sentPercent(uploads.value, "in_1"), sentPercent(uploads.value, "in_2")]).toEqual([0, undefined]);
    await vi.waitFor(() => expect(sentPercent(uploads.value, "in_1")).toBeUndefined());
  });
});
