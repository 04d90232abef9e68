/** What makes the job run: the clock, and webhooks. */
import type { Trigger } from "@roundhouse/protocol/api/job";
import { Button, IconButton } from "../parts/button.tsx";
import { Check } from "../parts/field.tsx";
import { CronFields } from "./cron-fields.tsx";
import { replacedAt } from "./draft.ts";
import { ownZone } from "./examples.ts";
import css from "./job-page.module.css";
import { Section } from "./section.tsx";
import type { JobForm } from "./use-job.ts";
import { WebhookFields } from "./webhook-fields.tsx";

export function TriggerFields({ form: { draft, change, errors } }: { form: JobForm }) {
  const { triggers } = draft;
  const add = (trigger: Trigger): void => change({ triggers: [...triggers, trigger] });
  const put = (index: number, trigger: Trigger | undefined): void =>
    change({ triggers: replacedAt(triggers, index, trigger) });
  return (
    <Section title="Triggers" error={errors["triggers"]}>
      {triggers.length === 0 && <p class={css.quiet}>None: it runs when somebody, or a program, says so.</p>}
      {triggers.map((trigger, index) => {
        const name = `${trigger.kind === "cron" ? "Schedule" : "Webhook"} ${index + 1}`;
        const path = `triggers.${index}`;
        return (
          <div key={index} class={css.inner} role="group" aria-label={name}>
            <div class={css.head}>
              <strong>{trigger.kind === "cron" ? "By the clock" : "By a webhook"}</strong>
              <IconButton icon="close" label={`Remove ${name.toLowerCase()}`} onClick={() => put(index, undefined)} />
            </div>
            {trigger.kind === "cron" ? (
              <CronFields trigger={trigger} errors={errors} path={path} onChange={(next) => put(index, next)} />
            ) : (
              <WebhookFields trigger={trigger} errors={errors} path={path} onChange={(next) => put(index, next)} />
            )}
          </div>
        );
      })}
      <div class={css.buttons}>
        <Button
          icon="plus"
          onClick={() => add({ kind: "cron", schedule: "0 8 * * *", timezone: ownZone(), missed: "skip" })}
        >
          Add a schedule
        </Button>
        <Button icon="plus" onClick={() => add({ kind: "webhook", name: "", secrets: [] })}>
          Add a webhook
        </Button>
      </div>
      <Check
        checked={draft.enabled}
        onChange={(enabled) => change({ enabled })}
        help="While it is off its triggers start nothing; it can still be run by hand."
      >
        The job is on
      </Check>
    </Section>
  );
}
