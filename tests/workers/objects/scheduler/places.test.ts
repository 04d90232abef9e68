import { newId } from "@roundhouse/protocol/ids";
import type { RunStatus } from "@roundhouse/protocol/api/run";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Places } from "../../../../workers/objects/scheduler/places.ts";
import { admissionOf, readAdmission, readQueued, readStatuses } from "../../../../workers/services/run/admission.ts";
import { skipRun } from "../../../../workers/services/run/skip.ts";
import { insertRun } from "../../../../workers/services/run/start.ts";
import { db, env, migrate } from "../harness.ts";
import { at, contextAt, inScratch, makeJob, runsOf, setStatus } from "./lab.ts";

const NOON = at("2026-01-01T12:00:00Z");

beforeAll(migrate);
beforeEach(async () => void (await env.DB.exec("DELETE FROM runs")));

type Lab = {
  clock: { now: number };
  /** In the order in which they were told to begin. */
  begun: string[];
  /** The same rows, as after a restart. */
  make: () => Places;
  /** A run of the job that was just asked for. */
  ask: (jobId: string) => Promise<string>;
  failBegin: { isOn: boolean };
};

function withPlaces(work: (lab: Lab) => Promise<void>): Promise<void> {
  return inScratch(async (storage) => {
    const clock = { now: NOON };
    const begun: string[] = [];
    const failBegin = { isOn: false };
    const make = (): Places =>
      new Places({
        sql: storage.sql,
        readStatuses: (ids) => readStatuses(db, ids),
        readQueued: () => readQueued(contextAt(clock.now)),
        begin: async (runId) => {
          if (failBegin.isOn) throw new Error("the run's object is restarting");
          begun.push(runId);
        },
        skip: (runId, working) => skipRun(contextAt(clock.now), runId, working),
        now: () => clock.now,
      });
    const ask = async (jobId: string): Promise<string> => {
      const trigger = { kind: "person" as const, by: "me" };
      const run = { runId: newId("run"), jobId, trigger, dry: false, data: undefined };
      const row = await insertRun(contextAt(clock.now), run);
      make().add(admissionOf(row!));
      return row!.id;
    };
    await work({ clock, begun, make, ask, failBegin });
  });
}

async function end(places: Places, runId: string, status: RunStatus = "succeeded"): Promise<void> {
  await setStatus(runId, status);
  places.free(runId);
}

describe("a run", () => {
  it("begins when its job has a place, and waits its turn when it has none", async () => {
    const job = await makeJob(NOON, { limits: { concurrency: 2 } });
    await withPlaces(async ({ make, ask, begun }) => {
      const asked = [await ask(job), await ask(job), await ask(job), await ask(job)];
      await make().run();
      expect(begun.toSorted()).toEqual(asked.slice(0, 2).toSorted());
      await make().run();
      expect(begun).toHaveLength(2);
      await end(make(), asked[1]!);
      await make().run();
      expect(begun.slice(2)).toEqual([asked[2]]);
      await end(make(), asked[2]!, "failed");
      await end(make(), asked[0]!, "cancelled");
      await make().run();
      expect(begun.slice(3)).toEqual([asked[3]]);
    });
  });

  it("of one job does not wait for those of another", async () => {
    const [one, other] = [await makeJob(NOON, {}), await makeJob(NOON, {})];
    await withPlaces(async ({ make, ask, begun }) => {
      const asked = [await ask(one), await ask(one), await ask(other)];
      await make().run();
      expect(begun.toSorted()).toEqual([asked[0]!, asked[2]!].toSorted());
    });
  });

  it("is skipped in words where its job is busy and does not queue", async () => {
    const job = await makeJob(NOON, { limits: { concurrency: 1, whenBusy: "skip" } });
    await withPlaces(async ({ make, ask, begun }) => {
      const first = await ask(job);
      const second = await ask(job);
      await make().run();
      expect(begun).toEqual([first]);
      const row = (await runsOf(job)).find(({ id }) => id === second);
      expect(row).toMatchObject({ status: "cancelled", doing: "skipped: another run of this job was at work" });
      expect(row?.endedAt).toEqual(new Date(NOON));
      await end(make(), first);
      const third = await ask(job);
      await make().run();
      expect(begun).toEqual([first, third]);
    });
  });

  it("that was told of twice has one place", async () => {
    const job = await makeJob(NOON, { limits: { concurrency: 2 } });
    await withPlaces(async ({ make, ask, begun }) => {
      const run = await ask(job);
      make().add((await readAdmission(db, run))!);
      await make().run();
      make().add((await readAdmission(db, run))!);
      await make().run();
      expect(begun).toEqual([run]);
    });
  });

  it("that is over, or gone, is admitted no more", async () => {
    const job = await makeJob(NOON, {});
    await withPlaces(async ({ ask }) => {
      const run = await ask(job);
      await setStatus(run, "succeeded");
      expect(await readAdmission(db, run)).toBeUndefined();
      expect(await readAdmission(db, "rn_nothing")).toBeUndefined();
    });
  });

  it("that could not be told to begin is told again", async () => {
    const job = await makeJob(NOON, {});
    await withPlaces(async ({ make, ask, begun, failBegin, clock }) => {
      const run = await ask(job);
      failBegin.isOn = true;
      await make().run();
      expect([begun, make().nextAt()]).toEqual([[], NOON + 1000]);
      failBegin.isOn = false;
      clock.now = make().nextAt()!;
      await make().run();
      expect(begun).toEqual([run]);
    });
  });

  it("whose object was told to begin, and forgot, is told again", async () => {
    const job = await makeJob(NOON, {});
    await withPlaces(async ({ make, ask, begun, clock }) => {
      const run = await ask(job);
      await make().run();
      clock.now = make().nextAt()!;
      await make().run();
      expect(begun).toEqual([run, run]);
      await setStatus(run, "running");
      clock.now = make().nextAt()!;
      await make().run();
      expect(begun).toEqual([run, run]);
    });
  });

  it("that nobody told of is found in the database", async () => {
    const job = await makeJob(NOON, {});
    await withPlaces(async ({ make, begun, clock }) => {
      const trigger = { kind: "person" as const, by: "me" };
      const run = { runId: newId("run"), jobId: job, trigger, dry: false, data: undefined };
      await insertRun(contextAt(NOON), run);
      await make().run();
      expect(begun).toEqual([]);
      clock.now += 61_000;
      await make().run();
      expect(begun).toEqual([run.runId]);
    });
  });
});

describe("a place", () => {
  it("of a run whose end was not told is free after a look, and looks come ever more rarely", async () => {
    const job = await makeJob(NOON, {});
    await withPlaces(async ({ make, ask, begun, clock }) => {
      const [first, second] = [await ask(job), await ask(job)];
      await make().run();
      await setStatus(first, "running");
      const waits: number[] = [];
      for (let looks = 0; looks < 8; looks += 1) {
        waits.push(make().nextAt()! - clock.now);
        clock.now = make().nextAt()!;
        await make().run();
      }
      expect(waits.every((wait, index) => index === 0 || wait >= waits[index - 1]!)).toBe(true);
      expect(Math.max(...waits)).toBe(3_600_000);
      expect(begun).toEqual([first]);
      await setStatus(first, "succeeded");
      clock.now = make().nextAt()!;
      await make().run();
      expect(begun).toEqual([first, second]);
    });
  });

  it("of a run that is no longer in the database is free", async () => {
    const job = await makeJob(NOON, {});
    await withPlaces(async ({ make, ask, clock }) => {
      const run = await ask(job);
      await make().run();
      await env.DB.prepare("DELETE FROM runs WHERE id = ?").bind(run).run();
      clock.now = make().nextAt()!;
      await make().run();
      expect(make().nextAt()).toBeNull();
    });
  });

  it("wants no look while nobody is at work", async () => {
    const job = await makeJob(NOON, {});
    await withPlaces(async ({ make, ask }) => {
      expect(make().nextAt()).toBeNull();
      const run = await ask(job);
      await make().run();
      expect(make().nextAt()).not.toBeNull();
      await end(make(), run);
      await make().run();
      expect(make().nextAt()).toBeNull();
    });
  });
});
