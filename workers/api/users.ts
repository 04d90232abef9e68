/** /api/users: people and their roles. For admins. */
import { ListQuery, page } from "@roundhouse/protocol/api/common";
import { InvitedUser, InviteUser, PatchUser, SignInLink, User } from "@roundhouse/protocol/api/person";
import { makeSignInLink, SIGN_IN_LINK_SECONDS } from "../services/session/sign-in-link.ts";
import { inviteUser } from "../services/user/invite.ts";
import { listUsers } from "../services/user/list.ts";
import { patchUser } from "../services/user/patch.ts";
import { readUser } from "../services/user/read.ts";
import { removeUser } from "../services/user/remove.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/users",
  access: "admin",
  summary: "List people",
  request: { query: ListQuery },
  responses: { 200: json(page(User), "People, the earliest first.") },
});

const invite = route({
  method: "post",
  path: "/api/users",
  access: "admin",
  summary: "Invite a person",
  request: { body: jsonInput(InviteUser) },
  responses: { 201: json(InvitedUser, "The person, and the one-use link to hand to them; it is shown this once.") },
});

const patch = route({
  method: "patch",
  path: "/api/users/{id}",
  access: "admin",
  summary: "Change a person's role; the last admin stays one",
  request: { params: IdParam, body: jsonInput(PatchUser) },
  responses: { 200: json(User, "The person afterwards.") },
});

const remove = route({
  method: "delete",
  path: "/api/users/{id}",
  access: "admin",
  summary: "Remove a person with their sessions and keys",
  request: { params: IdParam },
  responses: { 204: DONE },
});

const link = route({
  method: "post",
  path: "/api/users/{id}/sign-in-link",
  access: "admin",
  summary: "Make a new sign-in link for a person",
  description: "For somebody who lost the invitation or the password. It works once, for 15 minutes.",
  request: { params: IdParam },
  responses: { 201: json(SignInLink, "The link; it is shown this once.") },
});

export function addUsers(api: Api): void {
  api.openapi(list, async (c) => c.json(await listUsers(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(invite, async (c) => c.json(await inviteUser(c.var.ctx, c.req.valid("json")), 201));
  api.openapi(patch, async (c) => {
    return c.json(await patchUser(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  });
  api.openapi(remove, async (c) => {
    await removeUser(c.var.ctx, c.req.valid("param").id);
    return c.body(null, 204);
  });
  api.openapi(link, async (c) => {
    const { email } = await readUser(c.var.ctx.db, c.req.valid("param").id);
    return c.json(await makeSignInLink(c.var.ctx, email, SIGN_IN_LINK_SECONDS), 201);
  });
}
