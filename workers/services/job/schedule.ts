/** Reads cron schedules: when one comes next after a moment, in its time zone. croner knows the calendar, never the clock. */
import { Cron } from "croner";
import type { CronTrigger, SchedulePreview } from "@roundhouse/protocol/api/job";
import { ServiceError } from "../error.ts";

export type Schedule = Pick<CronTrigger, "schedule" | "timezone">;
/** The first due time later than `after`; both Unix ms. null: it never comes again. */
export type Next = (after: number) => number | null;

const PREVIEWED_TIMES = 5;
const HINT =
  "Write it like `0 8 * * *` (minute, hour, day, month, weekday), with seconds first if there are six fields.";

/** Throws `bad_schedule` for what cannot be read. Where clocks jump forward, a time in the gap comes right after it; a time that is there twice comes once. */
export function readSchedule({ schedule, timezone }: Schedule): Next {
  requireZone(timezone);
  const cron = parse(schedule, timezone);
  return (after) => cron.nextRun(new Date(after))?.getTime() ?? null;
}

/** Throws `bad_schedule` also for one that never comes after `now`. */
export function requireSchedule(input: Schedule, now: Date): void {
  if (readSchedule(input)(now.getTime()) !== null) return;
  throw badSchedule(input.schedule, "never comes", "Look at its day and month: 30 February is no day.");
}

/** Throws `bad_schedule`. */
export function previewSchedule(input: Schedule, now: Date): SchedulePreview {
  requireSchedule(input, now);
  const next = readSchedule(input);
  const times: string[] = [];
  for (let at = next(now.getTime()); at !== null && times.length < PREVIEWED_TIMES; at = next(at)) {
    times.push(new Date(at).toISOString());
  }
  return { times };
}

/** The earliest time that any of them comes; null: none does. */
export function nextOfAll(triggers: readonly Schedule[], after: Date): Date | null {
  const times = triggers.map((trigger) => readSchedule(trigger)(after.getTime())).filter((at) => at !== null);
  return times.length === 0 ? null : new Date(Math.min(...times));
}

/** croner takes dates and years as well: as schedules they would end some day without a word. */
function parse(schedule: string, timezone: string): Cron {
  const fields = schedule.trim().split(/\s+/).length;
  const isNickname = /^@[a-z]+$/i.test(schedule);
  if (fields !== 5 && fields !== 6 && !isNickname) {
    throw badSchedule(schedule, `has ${fields} ${fields === 1 ? "field" : "fields"}, not five or six`, HINT);
  }
  try {
    return new Cron(schedule, { timezone, paused: true, mode: "5-or-6-parts" });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw badSchedule(schedule, `cannot be read: ${error.message.replace(/^CronPattern: /, "")}`, HINT, error);
  }
}

function requireZone(timezone: string): void {
  try {
    Intl.DateTimeFormat("en", { timeZone: timezone });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ServiceError("bad_schedule", `timezone: there is no time zone ${JSON.stringify(timezone)}.`, {
      hint: "Give an IANA name, such as Europe/Berlin or UTC.",
      cause: error,
    });
  }
}

function badSchedule(schedule: string, problem: string, hint: string, cause?: unknown): ServiceError {
  const words = problem.replace(/\.$/, "");
  return new ServiceError("bad_schedule", `schedule: ${JSON.stringify(schedule)} ${words}.`, { hint, cause });
}
