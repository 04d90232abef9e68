/** Invites a person: the account, and the one-use link that opens it. */
import type { InvitedUser, InviteUser } from "@roundhouse/protocol/api/person";
import type { Context } from "../context.ts";
import { publishChange } from "../feed/publish.ts";
import { INVITATION_SECONDS, makeSignInLink } from "../session/sign-in-link.ts";
import { createUser } from "./create.ts";

export async function inviteUser(ctx: Context, input: InviteUser): Promise<InvitedUser> {
  const user = await createUser(ctx, input);
  const link = await makeSignInLink(ctx, user.email, INVITATION_SECONDS);
  await publishChange(ctx, "user", user.id);
  return { user, link };
}
