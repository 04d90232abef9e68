/** Which key id the next secret is sealed with. */
import { desc } from "drizzle-orm";
import { secrets } from "../../db/secrets.ts";
import type { Context } from "../context.ts";
import { isOfPresent, newKeyId } from "./key.ts";

/** That of the newest secret; a new one where there is none, or the master key is another since. */
export async function currentKeyId({ db, env }: Context): Promise<string> {
  const [newest] = await db
    .select({ keyId: secrets.keyId })
    .from(secrets)
    .orderBy(desc(secrets.updatedAt), secrets.name)
    .limit(1);
  return newest && (await isOfPresent(env, newest.keyId)) ? newest.keyId : newKeyId(env);
}
