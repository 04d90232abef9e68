/** The secrets that a job names, and where: to be kept out of sight, to sign its notifications, to check its webhooks. */
import type { JobSpec } from "../../db/jobs.ts";

export function namedSecrets({ secrets, notify, triggers }: JobSpec): { field: string; name: string }[] {
  return [
    ...secrets.map((name) => ({ field: "secrets", name })),
    ...(notify ? [{ field: "notify.secret", name: notify.secret }] : []),
    ...triggers.flatMap((trigger, index) => {
      const names = trigger.kind === "webhook" ? trigger.secrets : [];
      return names.map((name) => ({ field: `triggers.${index}.secrets`, name }));
    }),
  ];
}
