/** Makes a join token, which is shown this once with the lines that use it. */
import type { CreateJoinToken, NewJoinToken } from "@roundhouse/protocol/api/join";
import { hashSecret, newId, newSecret } from "@roundhouse/protocol/ids";
import { encodeJoinToken } from "@roundhouse/protocol/join-token";
import { joinTokens } from "../../db/join-tokens.ts";
import { findAgentPackage } from "../agent-package/find.ts";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { toJoinToken } from "./show.ts";

export async function createJoinToken(ctx: Context, input: CreateJoinToken): Promise<NewJoinToken> {
  const agentFile = await findAgentPackage(ctx.env);
  const secret = newSecret("joinToken");
  const row: typeof joinTokens.$inferSelect = {
    id: newId("joinToken"),
    secretHash: await hashSecret(secret),
    name: input.name ?? null,
    uses: input.uses,
    usesLeft: input.uses,
    expiresAt: new Date(ctx.now.getTime() + input.expiresInSeconds * 1000),
    createdAt: ctx.now,
  };
  await ctx.db.insert(joinTokens).values(row);
  await publishChange(ctx, "join-token", row.id);
  const url = new URL(ctx.env.PUBLIC_URL).origin;
  const token = encodeJoinToken({ url, secret });
  const npx = `npx --yes ${url}/agent/${agentFile} --token ${token}`;
  const script = `curl -fsSL ${url}/install.sh | sh -s -- --token ${token}`;
  return { ...toJoinToken(row), token, command: script, install: { npx, script } };
}
