/** How a route is declared: createRoute plus who may use it. Without `access` it does not compile. */
import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import * as z from "zod";
import { ErrorBody } from "@roundhouse/protocol/errors";
import type { Access } from "./access.ts";
import type { AuditRule } from "./change.ts";

/** A last parameter, `path`, and what it may be to the router. */
export const REST = "{path}{[^]+}" as const;

/** A declared path as OpenAPI writes it. */
export function documentedPath(path: string): string {
  return path.replace(/\{\[\^\]\+\}$/, "");
}

type DeclaredRoute = RouteConfig & { "x-access": Access; "x-streamed"?: boolean; "x-audit"?: AuditRule };

/**
 * Whatever is not safe by its method is recorded in the audit log, in words read from its path (change.ts); `audit` gives
 * other words, or says that it changes nothing.
 *
 * The document shows the rule as `x-access`, and the one shape of every error as the default response. The body of a
 * `streamed` route is not read as JSON: the route hands it on as it comes. A path that ends with
 * {@link REST} takes the rest of the URL's path, slashes and all.
 */
export function route<const R extends RouteConfig & { access: Access; streamed?: true; audit?: AuditRule }>(config: R) {
  const { access, streamed, audit, ...rest } = config;
  const declared = {
    ...rest,
    "x-access": access,
    ...(streamed ? { "x-streamed": true } : {}),
    ...(audit === undefined ? {} : { "x-audit": audit }),
    security: access === "public" ? [] : [{ bearer: [] }],
    responses: { ...rest.responses, default: ERROR },
  };
  // The additions are for the document; to the handler the route is what was declared.
  return createRoute(declared as unknown as R);
}

export function isDeclaredRoute(candidate: RouteConfig): candidate is DeclaredRoute {
  return "x-access" in candidate;
}

/** A JSON response for the document. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A required JSON body. */
export function jsonInput<T extends z.ZodType>(schema: T) {
  return { required: true as const, content: { "application/json": { schema } } };
}

export const IdParam = z.object({ id: z.string().min(1).max(100) });
export const DONE = { description: "Done." };

const ERROR = json(ErrorBody, "Any error: a code, a message for people, and what to do about it.");
