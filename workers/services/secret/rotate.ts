/** Seals every secret anew under a new key: after a leak is feared, and when the master key is being replaced. */
import { and, eq, ne } from "drizzle-orm";
import type { RotatedSecrets } from "@roundhouse/protocol/api/secret";
import { secrets } from "../../db/secrets.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { publishChange } from "../feed/publish.ts";
import { newKeyId } from "./key.ts";
import { open, seal } from "./seal.ts";

const ROUNDS = 5;

/**
 * All in one batch, or none: one that cannot be opened (`conflict`) leaves every other as it was. A value that somebody
 * replaces meanwhile is never overwritten; it is sealed anew in the next round.
 */
export async function rotateSecrets(ctx: Context): Promise<RotatedSecrets> {
  const keyId = await newKeyId(ctx.env);
  for (let round = 0; round < ROUNDS; round += 1) {
    const rows = await ctx.db.select().from(secrets).where(ne(secrets.keyId, keyId));
    if (rows.length === 0) {
      await publishChange(ctx, "secret", null);
      return { keyId, secrets: await ctx.db.$count(secrets) };
    }
    await sealAnew(ctx, keyId, rows);
  }
  throw new ServiceError("conflict", "Secrets are being changed all the time; some may still be under a former key.", {
    hint: "Rotate again in a moment.",
  });
}

async function sealAnew({ db, env }: Context, keyId: string, rows: (typeof secrets.$inferSelect)[]): Promise<void> {
  const anew = await Promise.all(
    rows.map(async (row) => ({ row, ...(await seal(env, keyId, row.name, await open(env, row))) })),
  );
  const [first, ...rest] = anew.map(({ row, sealed }) => {
    const isAsRead = and(eq(secrets.name, row.name), eq(secrets.sealed, row.sealed));
    return db.update(secrets).set({ keyId, sealed }).where(isAsRead);
  });
  if (first) await db.batch([first, ...rest]);
}
