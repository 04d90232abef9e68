/** How a secret is shown: everything but its value. */
import type { Secret } from "@roundhouse/protocol/api/secret";
import type { secrets } from "../../db/secrets.ts";

type Shown = Omit<typeof secrets.$inferSelect, "sealed">;

export function toSecret({ name, keyId, createdAt, updatedAt }: Shown, usedBy: Secret["usedBy"]): Secret {
  return { name, keyId, usedBy, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
