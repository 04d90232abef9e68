/** Two jobs to begin from: one by the clock, one by a webhook. */
import { emptyDraft, type JobDraft } from "./draft.ts";

type Example = { id: string; title: string; about: string; draft: () => JobDraft };

const CHECK_DISKS = `Check the disks of every node you can reach.

1. Ask for the system stats of each node.
2. Where a disk is fuller than 85 %, find out what fills it: look through outputs and the caches below the workspace.
3. Delete nothing. List what could go, with its size.

Answer in a few lines: one for each node, and what you would clear first.`;

const UPDATE_APP = `A deploy has finished. The data of the webhook names the app, as {"app": "…"}.

1. List the instances and find the one of that name. If there is none, say so and stop.
2. Update it, and wait until its log says that it is ready.
3. Send a GET to / of its main port. If it does not answer with 200, read the end of its log.

Answer with what you did and whether the app is well.`;

export const EXAMPLES: readonly Example[] = [
  {
    id: "disks",
    title: "Every morning, check the disks",
    about: "At eight, looks at all nodes and says what could be cleared. It changes nothing.",
    draft: () => ({
      ...emptyDraft(),
      name: "Check the disks",
      instructions: CHECK_DISKS,
      tools: ["system_stats", "list_files", "search_files"],
      triggers: [{ kind: "cron", schedule: "0 8 * * *", timezone: ownZone(), missed: "run_once" }],
    }),
  },
  {
    id: "deploy",
    title: "When the deploy webhook fires, update an app",
    about: "Updates the instance that the webhook names, and checks that it answers.",
    draft: () => ({
      ...emptyDraft(),
      name: "Update after a deploy",
      instructions: UPDATE_APP,
      tools: ["list_instances", "update_instance", "instance_logs", "http_request"],
      triggers: [{ kind: "webhook", name: "deploy", secrets: [] }],
    }),
  },
];

/** The time zone of this browser. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
