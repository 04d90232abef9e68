/** A schedule: its cron line, its time zone, and the next times that come of them. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useId, useState } from "preact/hooks";
import type { CronTrigger } from "@roundhouse/protocol/api/job";
import { explain } from "../api/errors.ts";
import { errorUnder } from "../api/field-errors.ts";
import { previewQuery } from "../api/queries.ts";
import { now } from "../live/now.ts";
import { SelectField, TextField } from "../parts/field.tsx";
import { formatRelative } from "../parts/format.ts";
import css from "./job-page.module.css";
import { fullTime } from "./local-time.ts";
import { scheduleWords } from "./schedule-words.ts";

const READY_MADE = ["0 8 * * *", "0 8 * * 1-5", "0 * * * *", "*/15 * * * *", "0 3 * * 0", "*/30 * * * * *"];
const MISSED = [
  { value: "skip", label: "skip them" },
  { value: "run_once", label: "run once for all of them" },
];
const TYPING_PAUSE_MS = 300;

type CronProps = {
  trigger: CronTrigger;
  errors: Record<string, string>;
  path: string;
  onChange: (trigger: CronTrigger) => void;
};

export function CronFields({ trigger, errors, path, onChange }: CronProps) {
  const listId = useId();
  const { schedule, timezone, missed } = trigger;
  return (
    <>
      <div class={css.pair}>
        <TextField
          label="Schedule (cron)"
          mono
          list={`${listId}-schedules`}
          value={schedule}
          error={errorUnder(errors, `${path}.schedule`)}
          help="minute hour day month weekday; a sixth field in front is seconds"
          onInput={(next) => onChange({ ...trigger, schedule: next })}
        />
        <TextField
          label="Time zone"
          list={`${listId}-zones`}
          value={timezone}
          error={errorUnder(errors, `${path}.timezone`)}
          onInput={(next) => onChange({ ...trigger, timezone: next })}
        />
        <SelectField
          label="Times that were missed"
          value={missed}
          options={MISSED}
          onChange={(next) => onChange({ ...trigger, missed: next as CronTrigger["missed"] })}
        />
      </div>
      <datalist id={`${listId}-schedules`}>
        {READY_MADE.map((ready) => (
          <option key={ready} value={ready}>
            {scheduleWords(ready)}
          </option>
        ))}
      </datalist>
      <datalist id={`${listId}-zones`}>
        {["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <Preview schedule={schedule} timezone={timezone} />
    </>
  );
}

/** As the scheduler counts them, in the schedule's own zone. */
function Preview(typed: { schedule: string; timezone: string }) {
  const { schedule, timezone } = useSettled(typed);
  const { data: times, error } = useQuery({ ...previewQuery(schedule, timezone), enabled: schedule.trim() !== "" });
  return (
    <div aria-live="polite">
      {error && <p class={css.error}>{explain(error)}</p>}
      {times && !error && (
        <>
          <p class={css.quiet}>{times.length === 0 ? "It never fires again." : `Next, ${scheduleWords(schedule)}:`}</p>
          <ul class={css.times} aria-label="Next times">
            {times.slice(0, 5).map((time) => (
              <li key={time}>
                <time dateTime={time}>{fullTime(time, timezone)}</time>
                <span class={css.quiet}>{formatRelative(time, now.value)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** What was typed, once the typing pauses. */
function useSettled<T extends Record<string, string>>(typed: T): T {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, Object.values(typed));
  return settled;
}
