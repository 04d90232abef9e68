/** The frame every route stands in: the app's type, its first middlewares, and how its errors are answered. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";
import type { Actor } from "../services/actor.ts";
import { touchApiKey } from "../services/api-key/touch.ts";
import { type Context, makeContext } from "../services/context.ts";
import { ServiceError, toErrorResponse } from "../services/error.ts";
import { identify } from "../services/identify.ts";
import { checkJoinToken, type CheckedToken } from "../services/join-token/check.ts";
import { type AccessRule, type AccessTable, admit, makeAccessTable } from "./access.ts";
import { auditLog } from "./audit-log.ts";
import { jsonBody } from "./body.ts";
import type { Change } from "./change.ts";
import { isDeclaredRoute } from "./route.ts";
import { refuseInvalid } from "./validation.ts";

export type ApiEnv = {
  Bindings: Env;
  Variables: { ctx: Context; joinToken: CheckedToken; streamed: boolean; change: Change | null };
};
export type Api = OpenAPIHono<ApiEnv>;

/** An app without routes. Whatever is added later passes the guard first. */
export function makeApp(): Api {
  const app: Api = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  app.use("*", plainAnswers, guard(app), auditLog, jsonBody);
  app.onError((error) => toErrorResponse(error));
  app.notFound(() => toErrorResponse(new ServiceError("not_found", "There is nothing here.")));
  return app;
}

/** Default deny: identifies the caller and asks the access table before anything of the route runs. */
function guard(app: Api): MiddlewareHandler<ApiEnv> {
  let table: AccessTable | undefined;
  return async (c, next) => {
    table ??= makeAccessTable(accessRules(app));
    const { access, streamed, change } = table.find(c.req.method, c.req.path);
    const nobody: Actor = { type: "nobody" };
    const ctx = makeContext(c.env, nobody);
    if (access !== "public") ctx.actor = await identify(c.env, ctx.db, c.req.raw);
    admit(access, ctx.actor);
    c.set("ctx", ctx);
    c.set("streamed", streamed);
    c.set("change", change);
    if (ctx.actor.type === "joinToken") c.set("joinToken", await checkJoinToken(ctx.db, ctx.actor.secret, ctx.now));
    const touched = touchApiKey(ctx);
    if (touched) c.executionCtx.waitUntil(touched);
    await next();
  };
}

/** The access of every declared route. */
export function accessRules(app: Api): AccessRule[] {
  const definitions = app.openAPIRegistry.definitions.filter((definition) => definition.type === "route");
  return definitions.map(({ route }) => {
    if (!isDeclaredRoute(route)) throw new Error(`${route.method} ${route.path} was made without route()`);
    return {
      method: route.method,
      path: route.path,
      access: route["x-access"],
      streamed: route["x-streamed"] ?? false,
      audit: route["x-audit"],
    };
  });
}

/** Answers are for the caller alone and never guessed into another type. */
const plainAnswers: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
  c.res.headers.set("x-content-type-options", "nosniff");
};
