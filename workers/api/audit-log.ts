/** Records every request that changed something, in one place, after its route has answered. */
import type { MiddlewareHandler } from "hono";
import * as z from "zod";
import { auditActor } from "../services/audit/actor.ts";
import { clientAddress } from "../services/audit/address.ts";
import { recordAudit } from "../services/audit/record.ts";
import type { ApiEnv } from "./app.ts";
import type { Change } from "./change.ts";

/** Of an answer only these are looked at: what else is in it may be a key that is shown once. */
const Word = z.string().optional().catch(undefined);
const Told = z.object({ id: Word, name: Word });
const Answer = z.union([z.object({ user: Told }).transform(({ user }) => user), Told]);
type Told = z.infer<typeof Told>;

/** Refused and failed requests changed nothing. */
export const auditLog: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  const { change, ctx, joinToken } = c.var;
  if (change === null || c.res.status >= 400) return;
  const token = ctx.actor.type === "joinToken" ? [{ entity: "join-token", id: joinToken.id }] : [];
  await recordAudit(ctx.db, {
    at: ctx.now,
    actor: await auditActor(ctx.db, ctx.actor),
    ...{ action: change.action, entity: change.entity },
    ...describe({ ...change, within: [...change.within, ...token] }, await readTold(c.res)),
    from: clientAddress(ctx.env, c.req.raw),
  });
};

/** The path may name the thing by its name. And the answer may be about another thing, a copy or a run: the detail tells it. */
function describe({ id, within }: Change, told: Told) {
  const isByName = id !== null && told.name?.toLowerCase() === id.toLowerCase();
  const isSame = id === null || isByName || told.id === undefined || told.id === id;
  const others = isSame ? within : [...within, { entity: "made", id: told.id }];
  return {
    entityId: (isSame ? told.id : undefined) ?? id ?? told.name ?? null,
    entityName: isSame ? (told.name ?? null) : null,
    detail: others.length === 0 ? null : others.map((other) => `${other.entity}: ${other.id}`).join(", "),
  };
}

async function readTold(response: Response): Promise<Told> {
  if (!response.headers.get("content-type")?.startsWith("application/json")) return {};
  return Answer.safeParse(await response.clone().json()).data ?? {};
}
