import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSilent, lastSeen } from "../../../workers/objects/node-hub/heartbeat.ts";
import { Pace } from "../../../workers/objects/node-hub/pace.ts";
import { runAgain } from "../../../workers/objects/run-again.ts";
import { isSendableCode } from "../../../workers/objects/node-hub/socket-stream.ts";
import { StreamIds } from "../../../workers/objects/node-hub/stream-ids.ts";
import { Watch } from "../../../workers/objects/node-hub/watch.ts";

describe("heartbeat", () => {
  it("[HB3] takes a link for lost when its last ping, or its opening, is older than the timeout", () => {
    expect(isSilent({ lastPingAt: null, connectedAt: 1_000 }, 13_000, 12_000)).toBe(false);
    expect(isSilent({ lastPingAt: null, connectedAt: 1_000 }, 13_001, 12_000)).toBe(true);
    expect(isSilent({ lastPingAt: 5_000, connectedAt: 1_000 }, 13_001, 12_000)).toBe(false);
    // The runtime keeps times of pings across sockets' lives; an old one never ages a new socket.
    expect(lastSeen({ lastPingAt: 5, connectedAt: 1_000 })).toBe(1_000);
  });
});

describe("the watch", () => {
  const tuning = { heartbeatTimeoutMs: 12_000 };

  it("[HB3] looks when the link can first be silent, once however often it is asked for", () => {
    const watch = new Watch(tuning);
    expect(watch.next(100_000, 99_000)).toBe(111_001);
    expect(watch.next(101_000, 100_500)).toBeUndefined();
    expect(watch.next(111_001, 0)).toBe(111_001);
    watch.looked();
    expect(watch.next(111_001, 107_000)).toBe(119_001);
  });

  it("[HB3] lasts a minute after the last look of a person", () => {
    const watch = new Watch(tuning);
    expect(watch.isLeased(0)).toBe(false);
    watch.renew(1_000);
    expect([watch.isLeased(60_999), watch.isLeased(61_000)]).toEqual([true, false]);
  });
});

describe("the pace of a WebSocket", () => {
  it("[WS7] lets a burst pass, and then no more than its rate, whatever comes when", () => {
    const limits = { burstBytes: 1_000, bytesPerSecond: 500 };
    const steps = fc.array(fc.record({ bytes: fc.nat(700), restMs: fc.nat(3_000) }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(steps, (all) => {
        let now = 5_000;
        let sent = 0;
        const pace = new Pace(limits, now);
        for (const { bytes, restMs } of all) {
          sent += bytes;
          now += pace.take(bytes, now) + restMs;
          // Whoever waits as told has never sent more than this.
          expect(sent).toBeLessThanOrEqual(1_000 + ((now - 5_000) / 1000) * 500 + 0.01);
        }
      }),
    );
    const rested = new Pace(limits, 0);
    expect([rested.take(1_000, 0), rested.take(1, 0), rested.take(999, 60_000), rested.take(1, 60_000)]).toEqual([
      0, 2, 0, 0,
    ]);
  });
});

describe("running again", () => {
  it("[RC1] ends every call with a run that began after it, and never runs twice at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }), async (gaps) => {
        let [truth, seen, running] = [0, 0, 0] as [number, number, number];
        const look = runAgain(async () => {
          running += 1;
          expect(running).toBe(1);
          const read = truth;
          for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
          seen = read;
          running -= 1;
        });
        const calls: Promise<void>[] = [];
        for (const gap of gaps) {
          truth += 1;
          const known = truth;
          calls.push(look().then(() => expect(seen).toBeGreaterThanOrEqual(known)));
          for (let turn = 0; turn < gap; turn += 1) await Promise.resolve();
        }
        await Promise.all(calls);
        expect(seen).toBe(truth);
      }),
    );
  });

  it("tells a failure to its callers and runs again all the same", async () => {
    let runs = 0;
    const task = runAgain(async () => {
      runs += 1;
      if (runs === 1) throw new Error("first");
    });
    const first = task();
    await expect(first).rejects.toThrow("first");
    await task();
    expect(runs).toBe(2);
  });
});

describe("numbers of streams", () => {
  it("[FR3] are never 0 and never come twice, also after the object lost its memory", () => {
    let counter = 0;
    const reserve = (count: number) => (counter += count);
    const seen = new Set<number>();
    for (let life = 0; life < 3; life += 1) {
      const ids = new StreamIds(reserve);
      for (let n = 0; n < 5_000; n += 1) seen.add(ids.next());
    }
    expect(seen.size).toBe(15_000);
    expect(seen.has(0)).toBe(false);
  });

  it("[FR3] start over at 1 behind the largest", () => {
    const max = 0xffff_ffff;
    const ids = new StreamIds(() => max + 2048);
    const first = Array.from({ length: 2049 }, () => ids.next());
    expect(first.at(2047)).toBe(max);
    expect(first.at(2048)).toBe(1);
  });
});

describe("close codes", () => {
  it("[WS4] are sent only where a close frame may hold them", () => {
    const sendable = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999];
    const not = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535];
    expect(sendable.map(isSendableCode)).toEqual(sendable.map(() => true));
    expect(not.map(isSendableCode)).toEqual(not.map(() => false));
  });
});
