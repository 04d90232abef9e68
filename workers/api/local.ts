/** /api/local: what the start script of this machine may ask, with a key derived from the master key. */
import { NewJoinToken } from "@roundhouse/protocol/api/join";
import { Drain, Drained } from "@roundhouse/protocol/api/node";
import { SignInLink } from "@roundhouse/protocol/api/person";
import { createJoinToken } from "../services/join-token/create.ts";
import { drainNodes } from "../services/node/drain.ts";
import { makeLocalSignInLink } from "../services/session/local-sign-in-link.ts";
import type { Api } from "./app.ts";
import { json, jsonInput, route } from "./route.ts";

const LOCAL_TOKEN = { name: "local", uses: 1, expiresInSeconds: 3600 };

const signInLink = route({
  method: "post",
  path: "/api/local/sign-in-link",
  access: "local",
  audit: { action: "sign-in-link", entity: "user" },
  summary: "Make a sign-in link for the first admin",
  description: "Makes that admin when there is nobody yet.",
  responses: { 201: json(SignInLink, "The link.") },
});

const joinToken = route({
  method: "post",
  path: "/api/local/join-token",
  access: "local",
  audit: { action: "create", entity: "join-token" },
  summary: "Make a join token for the local node",
  responses: { 201: json(NewJoinToken, "The token.") },
});

const drain = route({
  method: "post",
  path: "/api/local/drain",
  access: "local",
  audit: { action: "drain", entity: "pool" },
  summary: "The same as POST /api/drain, for the start script",
  request: { body: jsonInput(Drain) },
  responses: { 202: json(Drained, "How many were told, and by when the last of them is back.") },
});

export function addLocal(api: Api): void {
  api.openapi(signInLink, async (c) => c.json(await makeLocalSignInLink(c.var.ctx), 201));
  api.openapi(joinToken, async (c) => c.json(await createJoinToken(c.var.ctx, LOCAL_TOKEN), 201));
  api.openapi(drain, async (c) => c.json(await drainNodes(c.var.ctx, c.req.valid("json")), 202));
}
