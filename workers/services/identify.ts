/** Who sends this request. A bearer decides alone; else the session cookie, which counts only with its proof. */
import { PROOF_HEADER, PROOF_SUBPROTOCOL_PREFIX } from "@roundhouse/protocol/session";
import { decodeJoinToken } from "@roundhouse/protocol/join-token";
import type { Database } from "../db/database.ts";
import type { Env } from "../env.ts";
import { authOf } from "../people/auth.ts";
import { sessionTokenOf } from "../people/cookie.ts";
import { localKey, sameSecret, sessionProof } from "../people/derived-keys.ts";
import type { Actor } from "./actor.ts";
import { checkApiKey } from "./api-key/check.ts";
import { authenticateNode } from "./node/authenticate.ts";
import { checkOrigin } from "./origin.ts";

const PRESET_KEY_MIN_LENGTH = 32;
const NOBODY: Actor = { type: "nobody" };

/** Throws `bad_origin` when a session is used from a foreign page; any other doubt makes it nobody. */
export async function identify(env: Env, db: Database, request: Request): Promise<Actor> {
  const authorization = request.headers.get("authorization");
  if (authorization === null) return identifySession(env, request);
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  return bearer === undefined ? NOBODY : identifyBearer(env, db, bearer);
}

async function identifyBearer(env: Env, db: Database, bearer: string): Promise<Actor> {
  if (await isPresetKey(env, bearer)) return { type: "presetKey" };
  if (bearer.startsWith("rhk_")) return (await checkApiKey(db, bearer)) ?? NOBODY;
  if (bearer.startsWith("rhn_")) {
    const node = await authenticateNode(db, bearer);
    return node ? { type: "node", ...node } : NOBODY;
  }
  if (bearer.startsWith("rhj_")) return { type: "joinToken", secret: decodeJoinToken(bearer)?.secret ?? bearer };
  return (await sameSecret(bearer, await localKey(env))) ? { type: "local" } : NOBODY;
}

async function isPresetKey({ ROUNDHOUSE_ADMIN_KEY: preset }: Env, bearer: string): Promise<boolean> {
  if (preset === undefined || preset.length < PRESET_KEY_MIN_LENGTH) return false;
  return sameSecret(bearer, preset);
}

/** The proof is checked first: a request without it costs no query. */
async function identifySession(env: Env, request: Request): Promise<Actor> {
  const token = sessionTokenOf(env, request);
  const proof = proofOf(request);
  if (token === undefined || proof === undefined) return NOBODY;
  if (!(await sameSecret(proof, await sessionProof(env, token)))) return NOBODY;
  const headers = new Headers({ cookie: request.headers.get("cookie") ?? "" });
  const found = await authOf(env).api.getSession({ headers, query: { disableRefresh: true } });
  if (!found) return NOBODY;
  checkOrigin(env, request);
  const { session, user } = found;
  const role = user.role === "admin" || user.role === "operator" ? user.role : "viewer";
  return { type: "user", userId: user.id, sessionId: session.id, role, expiresAt: session.expiresAt };
}

function proofOf(request: Request): string | undefined {
  const header = request.headers.get(PROOF_HEADER);
  if (header !== null) return header;
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  return offered.find((name) => name.startsWith(PROOF_SUBPROTOCOL_PREFIX))?.slice(PROOF_SUBPROTOCOL_PREFIX.length);
}
