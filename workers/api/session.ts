/** /api/session and /api/account: signing in and out, who one is, and one's own account. */
import { SetAccount, SignedIn, SignIn, User, Whoami } from "@roundhouse/protocol/api/person";
import { refuseForeignOrigin } from "../services/origin.ts";
import { setAccount } from "../services/session/set-account.ts";
import { signIn } from "../services/session/sign-in.ts";
import { signOut } from "../services/session/sign-out.ts";
import { renewSession, whoami } from "../services/session/whoami.ts";
import type { Api } from "./app.ts";
import { DONE, json, jsonInput, route } from "./route.ts";

const create = route({
  method: "post",
  path: "/api/session",
  access: "public",
  audit: { action: "sign-in", entity: "user" },
  summary: "Sign in with a password or a one-use link",
  description: "Sets the session cookie. The cookie counts only together with the answer's `proof`.",
  request: { body: jsonInput(SignIn) },
  responses: { 201: json(SignedIn, "The person, and the session's proof.") },
});

const get = route({
  method: "get",
  path: "/api/session",
  access: "viewer",
  summary: "Who am I?",
  responses: { 200: json(Whoami, "The person, their role, and by what they came in.") },
});

const remove = route({
  method: "delete",
  path: "/api/session",
  access: "viewer",
  audit: { action: "sign-out", entity: "user" },
  summary: "Sign out; what the session holds open ends",
  responses: { 204: DONE },
});

const putAccount = route({
  method: "put",
  path: "/api/account",
  access: "viewer",
  audit: { action: "change", entity: "user" },
  summary: "Set one's own name, e-mail and password",
  description: "For signed-in people, not for keys. Ends every other session of the person.",
  request: { body: jsonInput(SetAccount) },
  responses: { 200: json(User, "The person afterwards.") },
});

export function addSession(api: Api): void {
  api.openapi(create, async (c) => {
    refuseForeignOrigin(c.env, c.req.raw);
    const { signedIn, setCookies } = await signIn(c.var.ctx, c.req.valid("json"), c.req.raw);
    for (const cookie of setCookies) c.header("set-cookie", cookie, { append: true });
    return c.json(signedIn, 201);
  });
  api.openapi(get, async (c) => {
    const answer = await whoami(c.var.ctx);
    for (const cookie of await renewSession(c.var.ctx, c.req.raw)) c.header("set-cookie", cookie, { append: true });
    return c.json(answer, 200);
  });
  api.openapi(remove, async (c) => {
    for (const cookie of await signOut(c.var.ctx, c.req.raw)) c.header("set-cookie", cookie, { append: true });
    return c.body(null, 204);
  });
  api.openapi(putAccount, async (c) => c.json(await setAccount(c.var.ctx, c.req.valid("json")), 200));
}
