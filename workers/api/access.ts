/** Who may use a route. The table is read from the routes themselves, so a route that declares nothing is not in it. */
import { unreachable } from "@roundhouse/protocol/exhaustive";
import { type Actor, hasRole, roleOf } from "../services/actor.ts";
import { ServiceError } from "../services/error.ts";
import { type AuditRule, type Change, changeOf } from "./change.ts";

/**
 * `viewer` reads; `operator` works with instances and blueprints and opens apps, which is as good as a shell on the node;
 * `admin` decides on nodes, people and keys. `node`, `join-token` and `local` are machines; `public` is everybody.
 */
export type Access = "public" | "viewer" | "operator" | "admin" | "node" | "join-token" | "local";

export type AccessRule = {
  method: string;
  path: string;
  access: Access;
  streamed: boolean;
  /** How its change is told in the audit log, where its path does not say it. */
  audit: AuditRule | undefined;
};
/** `change` is null for a request that changes nothing. */
export type Admission = Pick<AccessRule, "access" | "streamed"> & { change: Change | null };
export type AccessTable = { find(method: string, path: string): Admission };

/** Rules with their paths as they were declared: `/api/nodes/{id}`. */
export function makeAccessTable(rules: AccessRule[]): AccessTable {
  const compiled = rules.map((rule) => {
    const method = rule.method.toUpperCase();
    return { ...rule, method, pattern: patternOf(rule.path), change: changeOf(method, rule.path, rule.audit) };
  });
  return {
    /** Throws `not_found` or `method_not_allowed`: what is not in the table is not served. */
    find(method, path) {
      const wanted = method === "HEAD" ? "GET" : method;
      const matching = compiled.filter((rule) => rule.pattern.test(path));
      const rule = matching.find((candidate) => candidate.method === wanted);
      if (rule) return { ...rule, change: rule.change?.(paramsOf(rule.pattern, path)) ?? null };
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
  const escaped = start.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{([^}]+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${escaped}${rest === undefined ? "" : `(?<path>${rest})`}$`);
}

function paramsOf(pattern: RegExp, path: string): Record<string, string> {
  return { ...pattern.exec(path)?.groups };
}
