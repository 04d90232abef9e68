/** Who may use a route. The table is read from the routes themselves, so a route that declares nothing is not in it. */
import { unreachable } from "@roundhouse/protocol/exhaustive";
import { type Actor, hasRole, roleOf } from "../services/actor.ts";
import { ServiceError } from "../services/error.ts";

/**
 * `viewer` reads; `operator` works with instances and blueprints and opens apps, which is as good as a shell on the node;
 * `admin` decides on nodes, people and keys. `node`, `join-token` and `local` are machines; `public` is everybody.
 */
export type Access = "public" | "viewer" | "operator" | "admin" | "node" | "join-token" | "local";

export type AccessRule = { method: string; path: string; access: Access; streamed: boolean };
export type AccessTable = { find(method: string, path: string): AccessRule };

/** Rules with their paths as they were declared: `/api/nodes/{id}`. */
export function makeAccessTable(rules: AccessRule[]): AccessTable {
  const compiled = rules.map((rule) => ({ ...rule, method: rule.method.toUpperCase(), pattern: patternOf(rule.path) }));
  return {
    /** Throws `not_found` or `method_not_allowed`: what is not in the table is not served. */
    find(method, path) {
      const wanted = method === "HEAD" ? "GET" : method;
      const matching = compiled.filter((rule) => rule.pattern.test(path));
      const rule = matching.find((candidate) => candidate.method === wanted);
      if (rule) return rule;
      throw matching.length > 0 ? methodNotAllowed(method, matching) : notFound(path);
    },
  };
}

/** Throws unless the actor may. */
export function admit(access: Access, actor: Actor): void {
  switch (access) {
    case "public":
      return;
    case "viewer":
    case "operator":
    case "admin":
      if (!hasRole(actor, access)) throw refuse(actor, `the role ${access}`);
      return;
    case "node":
    case "local":
      if (actor.type !== access) throw refuse(actor, `a ${access} key`);
      return;
    case "join-token":
      if (actor.type !== "joinToken") throw noJoinToken();
      return;
    default:
      unreachable(access);
  }
}

function refuse(actor: Actor, needed: string): ServiceError {
  if (actor.type === "nobody") {
    return new ServiceError("unauthenticated", "You are not signed in, or your key or session is no longer valid.", {
      hint: "Sign in to the dashboard, or send `Authorization: Bearer <api key>`.",
    });
  }
  return new ServiceError("forbidden", `This needs ${needed}; you have ${roleOf(actor) ?? actor.type}.`, {
    hint: "Ask an admin for the role.",
  });
}

function noJoinToken(): ServiceError {
  return new ServiceError("join_token_invalid", "This is no join token.", {
    hint: "Send `Authorization: Bearer <join token>`; the command under Nodes carries one.",
  });
}

function methodNotAllowed(method: string, matching: { method: string }[]): ServiceError {
  const allow = matching.map((rule) => rule.method);
  return new ServiceError("method_not_allowed", `${method} is not possible here.`, {
    hint: `Use ${allow.join(" or ")}.`,
    details: { allow },
  });
}

function notFound(path: string): ServiceError {
  return new ServiceError("not_found", `There is nothing at ${JSON.stringify(path.slice(0, 200))}.`, {
    hint: "GET /api/openapi.json lists every route.",
  });
}

function patternOf(path: string): RegExp {
  const [, start = path, rest] = /^(.*)\{path\}\{(.+)\}$/.exec(path) ?? [];
  const escaped = start.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{[^}]+\}/g, "[^/]+");
  return new RegExp(`^${escaped}${rest ?? ""}$`);
}
