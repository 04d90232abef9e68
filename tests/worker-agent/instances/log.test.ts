import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followLog, lastLines, readLog } from "../../../worker-agent/src/instances/log.ts";
import { openLog } from "../../../worker-agent/src/keeper/log.ts";
import { listSegments } from "../../../worker-agent/src/keeper/segments.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "rh-log-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const SMALL = { segmentBytes: 64, segmentsKept: 4 };
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe("a log", () => {
  it("keeps every offset true under random writes, over segments and reopenings", async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(chunks, { maxLength: 4 }), fc.nat(800), fc.nat(200), async (launches, offset, max) => {
        const own = await mkdtemp(join(dir, "run-"));
        for (const launch of launches) {
          const log = await openLog(own, SMALL);
          for (const chunk of launch) await log.write(chunk);
          await log.close();
        }
        const all = Buffer.concat(launches.flat());
        const oldest = (await listSegments(own))[0]?.start ?? 0;
        const part = await readLog(own, offset, max);
        const from = Math.min(Math.max(offset, oldest), all.length);
        expect(part.size).toBe(all.length);
        expect(part.offset).toBe(from);
        expect(text(part.content)).toBe(text(all.subarray(from, from + max)));
      }),
      { numRuns: 60 },
    );
  });

  it("keeps the last segments only, and jumps to the oldest kept", async () => {
    const log = await openLog(dir, SMALL);
    for (let n = 0; n < 20; n++) await log.write(Buffer.alloc(64, 65 + n));
    await log.close();
    expect((await listSegments(dir)).map((segment) => segment.start)).toEqual([16, 17, 18, 19].map((n) => n * 64));
    expect(await readLog(dir, 0, 1)).toMatchObject({ offset: 16 * 64, size: 20 * 64 });
    expect(await readLog(dir, 5_000, 10)).toMatchObject({ offset: 20 * 64, content: { length: 0 } });
    expect(text((await readLog(dir, -3, 10)).content)).toBe("TTT");
  });

  it("is followed without loss or repetition across segments", async () => {
    const controller = new AbortController();
    const log = await openLog(dir, { ...SMALL, segmentsKept: 1_000 });
    let got = "";
    const following = (async () => {
      for await (const { offset, bytes } of followLog(dir, 0, controller.signal)) {
        expect(offset).toBe(got.length);
        got += text(bytes);
      }
    })();
    let sent = "";
    for (let n = 0; n < 200; n++) {
      const line = `line ${n}\n`;
      sent += line;
      await log.write(Buffer.from(line));
      if (n % 50 === 0) await new Promise((done) => setTimeout(done, 20));
    }
    await expect.poll(() => got, { timeout: 5_000 }).toBe(sent);
    controller.abort();
    await following;
    await log.close();
  });

  it("gives its last lines, each cut", async () => {
    const log = await openLog(dir);
    await log.write(Buffer.from(`${Array.from({ length: 30 }, (_, n) => `line ${n}`).join("\n")}\n${"x".repeat(600)}`));
    await log.close();
    const lines = await lastLines(dir);
    expect(lines).toHaveLength(20);
    expect(lines.at(-2)).toBe("line 29");
    expect(lines.at(-1)).toBe("x".repeat(500));
    expect(await lastLines(join(dir, "nothing"))).toEqual([]);
  });

  it("says how much a full disk did not take, and goes on", async () => {
    let room = 10;
    let written = "";
    const log = await openLog(dir, {
      openFile: async () => ({
        write: async (bytes) => {
          if (room === 0) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
          const part = bytes.subarray(0, room);
          room -= part.length;
          written += text(part);
          return { bytesWritten: part.length };
        },
        close: async () => undefined,
      }),
    });
    await log.write(Buffer.from("0123456789 lost"));
    await log.write(Buffer.from(" and this"));
    room = 1_000;
    await log.write(Buffer.from("back\n"));
    expect(written).toBe("0123456789\n── 14 bytes of output lost: the disk did not take them ──\nback\n");
  });

  it("begins a note on a line of its own", async () => {
    const log = await openLog(dir);
    await log.write(Buffer.from("half a line"));
    await log.note("launch 2");
    await log.note("launch 3");
    await log.close();
    expect(await lastLines(dir)).toEqual(["half a line", "── launch 2 ──", "── launch 3 ──"]);
  });
});
