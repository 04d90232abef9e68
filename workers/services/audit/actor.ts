/** Who did something, as the audit log names them: readable also when the account or key is gone. */
import { eq } from "drizzle-orm";
import type { AuditEntry } from "@roundhouse/protocol/api/audit";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import { apiKeys } from "../../db/api-keys.ts";
import type { Database } from "../../db/database.ts";
import { users } from "../../db/users.ts";
import type { Actor } from "../actor.ts";
import type { Context } from "../context.ts";

type AuditActor = AuditEntry["actor"];

/** Never rejects: a name that cannot be read just now is no reason to lose the entry. */
export async function auditActor(db: Database, actor: Actor): Promise<AuditActor> {
  const known = knownOf(actor);
  if (known.id === null || (known.type !== "user" && known.type !== "key")) return known;
  try {
    const name = known.type === "user" ? await nameOfUser(db, known.id) : await nameOfKey(db, known.id);
    return { ...known, name: name ?? known.name };
  } catch (error) {
    console.error(`name of ${known.id} not read for the audit log`, error);
    return known;
  }
}

/** The name alone, for what people read. */
export async function nameOfActor({ db, actor }: Context): Promise<string> {
  return (await auditActor(db, actor)).name;
}

/** What is known without asking: of accounts and keys the id. */
function knownOf(actor: Actor): AuditActor {
  switch (actor.type) {
    case "user":
      return { type: "user", id: actor.userId, name: actor.userId };
    case "apiKey":
      return { type: "key", id: actor.keyId, name: actor.keyId };
    case "presetKey":
      return { type: "preset-key", id: null, name: "preset key" };
    case "node":
      return { type: "node", id: actor.nodeId, name: actor.name };
    case "local":
      return { type: "local", id: null, name: "start script" };
    case "run":
      return { type: "run", id: actor.runId, name: actor.runId };
    case "joinToken":
      return { type: "nobody", id: null, name: "a join token" };
    case "nobody":
      return { type: "nobody", id: null, name: "nobody signed in" };
    default:
      return unreachable(actor);
  }
}

async function nameOfUser(db: Database, id: string): Promise<string | undefined> {
  const [user] = await db.select({ name: users.name, email: users.email }).from(users).where(eq(users.id, id));
  return user && `${user.name} <${user.email}>`;
}

async function nameOfKey(db: Database, id: string): Promise<string | undefined> {
  const [key] = await db
    .select({ name: apiKeys.name, owner: users.name })
    .from(apiKeys)
    .leftJoin(users, eq(users.id, apiKeys.userId))
    .where(eq(apiKeys.id, id));
  return key && (key.owner === null ? key.name : `${key.name} (${key.owner})`);
}
