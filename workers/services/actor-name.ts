/** What an actor is called where people read who did something: a person's name, a key's name. */
import { eq } from "drizzle-orm";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import { apiKeys } from "../db/api-keys.ts";
import type { Context } from "./context.ts";
import { findUser } from "./user/read.ts";

export async function nameOfActor({ db, actor }: Context): Promise<string> {
  switch (actor.type) {
    case "user":
      return (await findUser(db, actor.userId))?.name ?? actor.userId;
    case "apiKey": {
      const [key] = await db.select({ name: apiKeys.name }).from(apiKeys).where(eq(apiKeys.id, actor.keyId));
      return key?.name ?? actor.keyId;
    }
    case "presetKey":
      return "preset key";
    case "node":
      return actor.name;
    case "local":
      return "start script";
    case "joinToken":
    case "nobody":
      return "nobody";
    default:
      return unreachable(actor);
  }
}
