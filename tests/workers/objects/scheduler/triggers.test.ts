import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TriggerDeps, Triggers } from "../../../../workers/objects/scheduler/triggers.ts";
import { readCronJobs, writeNextRuns } from "../../../../workers/services/job/cron.ts";
import { insertRun } from "../../../../workers/services/run/start.ts";
import { db, env, migrate } from "../harness.ts";
import { at, changeJob, contextAt, firedAt, inScratch, jobRow, makeJob } from "./lab.ts";

const NOON = at("2026-01-01T12:00:00Z");
const MINUTE = 60_000;
const cron = (schedule: string, missed = "skip") => ({ kind: "cron", schedule, missed });
const iso = (time: number): string => new Date(time).toISOString();

beforeAll(migrate);
// Every scheduler fires the jobs of all: each test has the database for itself.
beforeEach(async () => void (await env.DB.exec("DELETE FROM jobs")));

class Cut extends Error {}

/** The deps over the real database. `pass` is asked before and after everything that is done, and may cut it off by throwing. */
function depsOf(storage: DurableObjectStorage, clock: { now: number }, pass: () => void = () => {}): TriggerDeps {
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    pass();
    const result = await work();
    pass();
    return result;
  };
  const sql = {
    exec: (...args: Parameters<SqlStorage["exec"]>) => {
      pass();
      return storage.sql.exec(...args);
    },
  } as SqlStorage;
  return {
    sql,
    transaction: (write) => {
      storage.transactionSync(write);
      pass();
    },
    readJobs: () => around(() => readCronJobs(db)),
    start: (firing) =>
      around(async () => {
        const { jobId, runId, schedule, dueAt } = firing;
        const trigger = { kind: "cron" as const, schedule, dueAt: iso(dueAt) };
        await insertRun(contextAt(clock.now), { runId, jobId, trigger, dry: false, data: undefined });
      }),
    tellNextRuns: (changes) => around(() => writeNextRuns(db, changes)),
    now: () => clock.now,
  };
}

/** A clock and a scheduler that looks at it when it is told to. */
type Lab = { clock: { now: number }; look: (now: number) => Promise<void>; triggers: Triggers };
function withTriggers(work: (lab: Lab) => Promise<void>): Promise<void> {
  return inScratch(async (storage) => {
    const clock = { now: NOON };
    const triggers = new Triggers(depsOf(storage, clock));
    const look = async (now: number): Promise<void> => {
      clock.now = now;
      await triggers.run();
    };
    await work({ clock, look, triggers });
  });
}

describe("a due time", () => {
  it("starts one run, and tells the job the next one", async () => {
    const job = await makeJob(NOON, { triggers: [cron("* * * * *")] });
    await withTriggers(async ({ look, triggers }) => {
      await look(NOON + 1);
      expect([await firedAt(job), triggers.nextAt()]).toEqual([[], NOON + MINUTE]);
      expect((await jobRow(job)).nextRunAt).toEqual(new Date(NOON + MINUTE));
      await look(NOON + MINUTE);
      await look(NOON + MINUTE + 1);
      expect([await firedAt(job), triggers.nextAt()]).toEqual([[iso(NOON + MINUTE)], NOON + 2 * MINUTE]);
      expect((await jobRow(job)).nextRunAt).toEqual(new Date(NOON + 2 * MINUTE));
    });
  });

  it("starts one run wherever it is cut off", async () => {
    const job = await makeJob(NOON, { triggers: [cron("* * * * *")] });
    let points = 0;
    for (let isDone = false; !isDone; points += 1) {
      const due = NOON + (points + 1) * MINUTE;
      await inScratch(async (storage) => {
        await new Triggers(depsOf(storage, { now: due - MINUTE + 1 })).run();
        let left = points;
        const pass = () => {
          left -= 1;
          if (left === -1) throw new Cut();
        };
        // What is cut off in the middle of several starts is told as one failure of them all.
        await new Triggers(depsOf(storage, { now: due }, pass)).run().catch((error: unknown) => {
          const causes = error instanceof AggregateError ? error.errors : [error];
          expect(causes.every((cause) => cause instanceof Cut)).toBe(true);
        });
        isDone = left >= 0;
        await new Triggers(depsOf(storage, { now: due + 10 })).run();
        expect(storage.sql.exec("SELECT * FROM firings").toArray()).toEqual([]);
      });
      expect(await firedAt(job)).toContain(iso(due));
      await changeJob(job, due, {});
    }
    expect(points).toBeGreaterThan(12);
    expect(await firedAt(job)).toEqual(Array.from({ length: points }, (_, index) => iso(NOON + (index + 1) * MINUTE)));
  });

  it("of every second is met once, though each other look is cut off at another point", async () => {
    const job = await makeJob(NOON, { triggers: [cron("* * * * * *")] });
    await inScratch(async (storage) => {
      for (let second = 1; second <= 40; second += 1) {
        let left = second;
        const pass = () => {
          if (second % 2 === 0) return;
          left -= 1;
          if (left < 0) throw new Cut();
        };
        const look = new Triggers(depsOf(storage, { now: NOON + second * 1000 }, pass)).run();
        await (second % 2 === 0 ? look : look.catch(() => undefined));
      }
    });
    expect(await firedAt(job)).toEqual(Array.from({ length: 40 }, (_, index) => iso(NOON + (index + 1) * 1000)));
  });

  it("of an outage that one run makes up for is that one run, also when making up is cut off and goes on later", async () => {
    const job = await makeJob(NOON, { triggers: [cron("* * * * *", "run_once")] });
    await inScratch(async (storage) => {
      const clock = { now: NOON + 1 };
      await new Triggers(depsOf(storage, clock)).run();
      clock.now = NOON + 90 * MINUTE + 20_000;
      const cutting = depsOf(storage, clock);
      const start = async () => Promise.reject(new Cut());
      await expect(new Triggers({ ...cutting, start }).run()).rejects.toThrow("1 firings could not be started yet");
      clock.now += MINUTE;
      await new Triggers(depsOf(storage, clock)).run();
    });
    // The second time was missed as well, by the outage that the cut was.
    expect(await firedAt(job)).toEqual([iso(NOON + 90 * MINUTE), iso(NOON + 91 * MINUTE)]);
  });

  it("starts nothing again when the clock steps back, and goes on where it was", async () => {
    const job = await makeJob(NOON, { triggers: [cron("* * * * *", "run_once")] });
    await withTriggers(async ({ look, triggers }) => {
      await look(NOON + 1);
      await look(NOON + MINUTE);
      for (const back of [1, 30_000, 3_600_000, 86_400_000]) await look(NOON + MINUTE - back);
      expect([await firedAt(job), triggers.nextAt()]).toEqual([[iso(NOON + MINUTE)], NOON + 2 * MINUTE]);
      await look(NOON + 2 * MINUTE);
      expect(await firedAt(job)).toEqual([iso(NOON + MINUTE), iso(NOON + 2 * MINUTE)]);
    });
  });

  it("starts nothing again for a scheduler that lost its memory while the clock stood back", async () => {
    const job = await makeJob(NOON, { triggers: [cron("* * * * *")] });
    for (let scheduler = 0; scheduler < 3; scheduler += 1) {
      await withTriggers(async ({ look }) => {
        await look(NOON + 1);
        await look(NOON + MINUTE);
      });
    }
    expect(await firedAt(job)).toEqual([iso(NOON + MINUTE)]);
  });

  it("that a clock jumps over was missed", async () => {
    const skipping = await makeJob(NOON, { triggers: [cron("0 * * * *")] });
    const once = await makeJob(NOON, { triggers: [cron("0 * * * *", "run_once")] });
    await withTriggers(async ({ look, triggers }) => {
      await look(NOON + 1);
      await look(NOON + 3.5 * 60 * MINUTE);
      expect(await firedAt(skipping)).toEqual([]);
      expect(await firedAt(once)).toEqual([iso(NOON + 180 * MINUTE)]);
      expect(triggers.nextAt()).toBe(NOON + 240 * MINUTE);
    });
  });

  it("is met in both hours' stead when clocks go back, and after the gap when they go forward", async () => {
    const trigger = { ...cron("30 2 * * *"), timezone: "Europe/Berlin" };
    const autumn = await makeJob(at("2026-10-24T12:00:00Z"), { triggers: [trigger] });
    await withTriggers(async ({ look }) => {
      for (const time of ["2026-10-24T12:00:01Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]) await look(at(time));
    });
    expect(await firedAt(autumn)).toEqual(["2026-10-25T00:30:00.000Z"]);
    const spring = await makeJob(at("2026-03-28T12:00:00Z"), { triggers: [trigger] });
    await withTriggers(async ({ look }) => {
      for (const time of ["2026-03-28T12:00:01Z", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"]) await look(at(time));
    });
    expect(await firedAt(spring)).toEqual(["2026-03-29T01:00:00.000Z"]);
  });
});

describe("a trigger", () => {
  it("that was changed counts from the change on, also when nobody told of it", async () => {
    const job = await makeJob(NOON, { triggers: [cron("* * * * *")] });
    await withTriggers(async ({ look, triggers }) => {
      await look(NOON + 1);
      const { spec } = await jobRow(job);
      const hourly = { kind: "cron" as const, schedule: "0 * * * *", timezone: "UTC", missed: "skip" as const };
      await changeJob(job, NOON + 30_000, { spec: { ...spec, triggers: [hourly] } });
      await look(NOON + MINUTE);
      expect([await firedAt(job), triggers.nextAt()]).toEqual([[], NOON + 60 * MINUTE]);
    });
  });

  it("stays where it is when something else of its job was changed", async () => {
    const job = await makeJob(NOON, { triggers: [cron("* * * * *")] });
    await withTriggers(async ({ look }) => {
      await look(NOON + 1);
      await changeJob(job, NOON + MINUTE + 1, { name: `${job} renamed` });
      await look(NOON + MINUTE + 2);
      expect(await firedAt(job)).toEqual([iso(NOON + MINUTE)]);
    });
  });

  it("of a disabled or deleted job fires no more, and a disabled job is due at no time", async () => {
    const disabled = await makeJob(NOON, { triggers: [cron("* * * * *")] });
    const deleted = await makeJob(NOON, { triggers: [cron("* * * * *")] });
    await withTriggers(async ({ look, triggers }) => {
      await look(NOON + 1);
      await changeJob(disabled, NOON + 2, { enabled: false });
      await env.DB.prepare("DELETE FROM jobs WHERE id = ?").bind(deleted).run();
      await look(NOON + MINUTE);
      expect([await firedAt(disabled), await firedAt(deleted)]).toEqual([[], []]);
      expect([triggers.hasAny(), (await jobRow(disabled)).nextRunAt]).toEqual([false, null]);
      await changeJob(disabled, NOON + 10 * MINUTE, { enabled: true });
      await look(NOON + 11 * MINUTE);
      expect(await firedAt(disabled)).toEqual([iso(NOON + 11 * MINUTE)]);
    });
  });

  it("whose hint was lost loses no due time", async () => {
    const job = await makeJob(NOON, { triggers: [cron("* * * * *", "run_once")] });
    await withTriggers(async ({ look }) => {
      await look(NOON + 20 * MINUTE);
      expect(await firedAt(job)).toEqual([iso(NOON + 19 * MINUTE), iso(NOON + 20 * MINUTE)]);
    });
  });

  it("beside one that cannot be started fires all the same", async () => {
    const good = await makeJob(NOON, { triggers: [cron("* * * * *")] });
    const bad = await makeJob(NOON, { triggers: [cron("* * * * *")] });
    await inScratch(async (storage) => {
      const clock = { now: NOON + 1 };
      const deps = depsOf(storage, clock);
      await new Triggers(deps).run();
      clock.now = NOON + MINUTE;
      const start: TriggerDeps["start"] = async (firing) => {
        if (firing.jobId === bad) throw new Error("no");
        await deps.start(firing);
      };
      await expect(new Triggers({ ...deps, start }).run()).rejects.toThrow("1 firings");
      expect([await firedAt(good), await firedAt(bad)]).toEqual([[iso(NOON + MINUTE)], []]);
      await new Triggers(deps).run();
      expect(await firedAt(bad)).toEqual([iso(NOON + MINUTE)]);
    });
  });
});
