/** How far a run may go: no call is made past any of these. */
import { errorUnder } from "../api/field-errors.ts";
import { SelectField, TextField } from "../parts/field.tsx";
import type { JobDraft } from "./draft.ts";
import css from "./job-page.module.css";
import { Section } from "./section.tsx";
import type { JobForm } from "./use-job.ts";

type Limits = JobDraft["limits"];
const NUMBERS: readonly { name: Exclude<keyof Limits, "whenBusy">; label: string; help?: string }[] = [
  { name: "turns", label: "Turns" },
  { name: "minutes", label: "Minutes", help: "Waiting for you is not counted." },
  { name: "tokens", label: "Tokens" },
  { name: "money", label: "US dollars", help: "Empty: no limit." },
  { name: "approvalHours", label: "Approval, hours" },
  { name: "concurrency", label: "Runs at a time" },
];
const WHEN_BUSY = [
  { value: "queue", label: "wait for a turn" },
  { value: "skip", label: "leave it out" },
];

export function LimitFields({ form: { draft, change, errors } }: { form: JobForm }) {
  const { limits } = draft;
  const set = (part: Partial<Limits>): void => change({ limits: { ...limits, ...part } });
  return (
    <Section title="Limits" error={errors["limits"]}>
      <div class={css.pair}>
        {NUMBERS.map(({ name, label, help }) => (
          <TextField
            key={name}
            label={label}
            {...(help !== undefined && { help })}
            inputMode="decimal"
            value={limits[name]}
            error={errorUnder(errors, `limits.${name}`)}
            onInput={(text) => set({ [name]: text })}
          />
        ))}
        <SelectField
          label="When busy"
          value={limits.whenBusy}
          options={WHEN_BUSY}
          onChange={(value) => set({ whenBusy: value as Limits["whenBusy"] })}
        />
      </div>
    </Section>
  );
}
