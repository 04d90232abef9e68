/** What makes a job run, and what made a run, in words. */
import type { Trigger } from "@roundhouse/protocol/api/job";
import type { RunTrigger } from "@roundhouse/protocol/api/run";
import { scheduleWords } from "./schedule-words.ts";

/** `every day at 08:00 (Europe/Berlin), webhook deploy`. */
export function triggersWords(triggers: readonly Trigger[]): string {
  return triggers.length === 0 ? "when somebody runs it" : triggers.map(triggerWords).join(", ");
}

function triggerWords(trigger: Trigger): string {
  if (trigger.kind === "webhook") return `webhook ${trigger.name}`;
  return `${scheduleWords(trigger.schedule)} (${trigger.timezone})`;
}

export function runTriggerWords(trigger: RunTrigger): string {
  switch (trigger.kind) {
    case "cron":
      return `due ${scheduleWords(trigger.schedule)}`;
    case "webhook":
      return `webhook ${trigger.name}`;
    case "person":
      return `by ${trigger.by}`;
  }
}
