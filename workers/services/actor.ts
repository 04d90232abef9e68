/** Who asks: the union that every service and access rule decides on. */
import type { Role } from "@roundhouse/protocol/api/common";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import type { Holder } from "../objects/node-hub/rpc.ts";

export type Actor =
  | { type: "nobody" }
  | { type: "user"; userId: string; sessionId: string; role: Role; expiresAt: Date }
  /** `role` is the lower one of the key's and its owner's; a key made with the preset key has no owner. */
  | {
      type: "apiKey";
      keyId: string;
      userId: string | null;
      role: Role;
      lastUsedAt: Date | null;
      expiresAt: Date | null;
    }
  | { type: "presetKey" }
  | { type: "node"; nodeId: string; name: string }
  /** Shown, not yet checked: the join service decides what the token is worth. */
  | { type: "joinToken"; secret: string }
  /** The start script of the machine itself, by a key derived from the master key. */
  | { type: "local" }
  /** A run that a model leads: an operator whom its job and the policies of nodes narrow. */
  | { type: "run"; runId: string; jobId: string };

const RANK: Record<Role, number> = { viewer: 1, operator: 2, admin: 3 };

/** The actor's role in the pool; undefined for machines and nobody. */
export function roleOf(actor: Actor): Role | undefined {
  switch (actor.type) {
    case "user":
    case "apiKey":
      return actor.role;
    case "presetKey":
      return "admin";
    case "run":
      return "operator";
    case "nobody":
    case "node":
    case "joinToken":
    case "local":
      return undefined;
    default:
      return unreachable(actor);
  }
}

export function hasRole(actor: Actor, needed: Role): boolean {
  const role = roleOf(actor);
  return role !== undefined && RANK[role] >= RANK[needed];
}

export function lowerRole(one: Role, other: Role): Role {
  return RANK[one] <= RANK[other] ? one : other;
}

/** The account behind the actor, if there is one. */
export function userIdOf(actor: Actor): string | null {
  return actor.type === "user" || actor.type === "apiKey" ? actor.userId : null;
}

/** What a stream, ticket or socket of this actor is tied to, so that revoking it, or its time, ends them. */
export function holderOf(actor: Actor): Holder {
  return {
    userId: userIdOf(actor),
    sessionId: actor.type === "user" ? actor.sessionId : null,
    keyId: actor.type === "apiKey" ? actor.keyId : null,
    shareId: null,
    expiresAt: actor.type === "user" || actor.type === "apiKey" ? (actor.expiresAt?.getTime() ?? null) : null,
  };
}
