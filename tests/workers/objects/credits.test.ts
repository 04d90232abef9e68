import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_TUNING } from "@roundhouse/protocol/limits";
import { eventually, makeApp, migrate, type TestApp } from "./harness.ts";

const { initialWindowBytes: WINDOW, dataFrameBytes } = DEFAULT_TUNING;
let app: TestApp;
beforeAll(async () => {
  await migrate();
  app = await makeApp();
});

describe("credits", () => {
  it("[CR1] let the hub send no more of a body than was granted", async () => {
    const answer = app.fetch("/", { method: "POST", body: new Uint8Array(3 * WINDOW) });
    const { stream } = await app.agent.nextFrame("open");
    const sent = () => app.agent.frames("data", stream).reduce((sum, frame) => sum + sizeOf(frame), 0);
    await eventually(() => expect(sent()).toBe(WINDOW));
    await pause(50);
    expect(sent()).toBe(WINDOW);
    app.agent.grant(stream, WINDOW + 1000);
    await eventually(() => expect(sent()).toBe(WINDOW + 1000));
    // CR2: a grant is a total; a smaller or repeated one changes nothing.
    app.agent.grant(stream, WINDOW + 1000);
    app.agent.grant(stream, 5);
    await pause(50);
    expect(sent()).toBe(WINDOW + 1000);
    app.agent.grant(stream, 10 * WINDOW);
    await app.agent.nextFrame("end", stream);
    expect(sent()).toBe(3 * WINDOW);
    expect(app.agent.frames("data", stream).every((frame) => sizeOf(frame) <= dataFrameBytes)).toBe(true);
    app.agent.reply(stream, 200);
    await (await answer).text();
  });

  it("[CR3] reset a peer that sends more than it was granted", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream, head: { status: 200, headers: [] } });
    app.agent.frame({ type: "data", stream, bytes: new Uint8Array(WINDOW + 1) });
    expect(await app.agent.nextFrame("reset", stream)).toMatchObject({ code: "protocol" });
    await expect(answer.then((response) => response.arrayBuffer())).rejects.toThrow();
  });

  it("[CR4] come in full when the buffer is empty, and [CR5] grow a window that drains", async () => {
    const answer = app.fetch("/");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream, head: { status: 200, headers: [] } });
    const reader = (await answer).body?.getReader();
    let sent = 0;
    let granted: number = WINDOW;
    for (const window of [2, 4, 8, 16, 16].map((factor) => factor * WINDOW)) {
      while (sent < granted) {
        const size = Math.min(dataFrameBytes, granted - sent);
        app.agent.frame({ type: "data", stream, bytes: new Uint8Array(size) });
        sent += size;
        for (let read = 0; read < size;) read += (await reader?.read())?.value?.length ?? size;
      }
      await eventually(() => {
        granted = Math.max(granted, ...app.agent.frames("credit", stream).map(offsetOf));
        expect(granted).toBeGreaterThan(sent);
      });
      expect(granted - sent).toBeLessThanOrEqual(window);
    }
    expect(granted - sent).toBe(DEFAULT_TUNING.maxWindowBytes);
    app.agent.frame({ type: "end", stream });
    await reader?.cancel();
  });

  it("[CR6] stall only the stream whose reader stalls", async () => {
    const slow = app.fetch("/slow");
    const { stream } = await app.agent.nextFrame("open");
    app.agent.frame({ type: "head", stream, head: { status: 200, headers: [] } });
    const unread = await slow;
    // Some of it fits between the hub and the reader; then no more is granted, and that is all the hub holds.
    let sent = 0;
    let granted: number = WINDOW;
    for (let quiet = 0; quiet < 10;) {
      for (; sent < granted; sent += WINDOW) {
        app.agent.frame({ type: "data", stream, bytes: new Uint8Array(Math.min(WINDOW, granted - sent)) });
      }
      sent = granted;
      await pause(10);
      granted = Math.max(granted, ...app.agent.frames("credit", stream).map(offsetOf));
      quiet = granted > sent ? 0 : quiet + 1;
      expect(granted).toBeLessThan(16 * DEFAULT_TUNING.maxWindowBytes);
    }
    for (let n = 0; n < 5; n++) {
      const quick = app.fetch("/quick");
      const open = await app.agent.nextFrame("open");
      app.agent.answer(open.stream, 200, [], "quick");
      expect(await (await quick).text()).toBe("quick");
    }
    expect(app.agent.frames("reset", stream)).toEqual([]);
    app.agent.frame({ type: "end", stream });
    expect((await unread.arrayBuffer()).byteLength).toBe(sent);
  });
});

function sizeOf(frame: object): number {
  return "bytes" in frame && frame.bytes instanceof Uint8Array ? frame.bytes.length : 0;
}

function offsetOf(frame: object): number {
  return "offset" in frame && typeof frame.offset === "number" ? frame.offset : 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
