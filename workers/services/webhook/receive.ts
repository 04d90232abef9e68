/**
 * A message to a webhook starts a run of its job. Who sends it is a stranger until the signature says otherwise: whatever is
 * wrong with it gets one and the same answer, so that names and secrets cannot be guessed one by one.
 */
import { and, desc, eq, gt, lt, notExists, sql } from "drizzle-orm";
import { MAX_RUN_DATA_BYTES, MAX_WEBHOOK_MESSAGES_PER_MINUTE, type WebhookTaken } from "@roundhouse/protocol/api/job";
import { derivedId } from "@roundhouse/protocol/ids";
import { jobs } from "../../db/jobs.ts";
import { webhookMessages } from "../../db/webhook-messages.ts";
import { webhooks } from "../../db/webhooks.ts";
import { clientAddress } from "../audit/address.ts";
import type { Context } from "../context.ts";
import { ServiceError } from "../error.ts";
import { startRun } from "../run/start.ts";
import { revealSecret } from "../secret/reveal.ts";
import { readTextBody } from "../text-body.ts";
import { tooManyRequests } from "../too-many.ts";
import { isSigned, isWebhookSecret, type Message } from "./verify.ts";

/** Long after its signature is too old for a replay. */
const KEEP_MESSAGES_MS = 7 * 24 * 3_600_000;
const LIMIT_WINDOW_MS = 60_000;
const MAX_HEADER_LENGTH = 1000;

type Taking = { name: string; jobId: string; message: Message; from: string | null };
type Target = { jobId: string; enabled: boolean; secrets: string[] };

/**
 * The same message again answers the same run, and starts nothing. Throws `bad_webhook_signature`; `conflict` where the job is
 * disabled; and `too_many_requests`. What is not well signed is only read: strangers cause no write, and use up no limit.
 */
export async function receiveWebhook(ctx: Context, name: string, request: Request): Promise<WebhookTaken> {
  const body = await readText(request);
  const message = readMessage(request.headers, body);
  const target = await findTarget(ctx, name);
  const secrets = target ? await revealAll(ctx, name, target.secrets) : [];
  if (!isSigned(message, secrets) || !target) throw badSignature();
  if (!target.enabled) throw disabled(name);
  const run = await takeMessage(ctx, { name, jobId: target.jobId, message, from: clientAddress(ctx.env, request) });
  return { run };
}

/** The run's id is made from the message: a message that was noted, and whose run was not started, starts it when it is sent again. */
async function takeMessage(ctx: Context, { name, jobId, message: { id, body }, from }: Taking): Promise<string> {
  const runId = await derivedId("run", JSON.stringify(["webhook", jobId, name, id]));
  await noteMessage(ctx, { name, messageId: id, runId, receivedAt: ctx.now });
  const trigger = { kind: "webhook" as const, name, messageId: id };
  const row = await startRun(ctx, { runId, jobId, trigger, dry: false, data: dataOf(body), from });
  if (!row) throw badSignature();
  return row.id;
}

/**
 * Notes the message, unless it is known or as many as a minute may have came before it: in one statement, so that messages at
 * the same moment do not all find room. Throws `too_many_requests`.
 */
async function noteMessage({ db, now }: Context, message: typeof webhookMessages.$inferInsert): Promise<void> {
  const { name, messageId } = message;
  const since = new Date(now.getTime() - LIMIT_WINDOW_MS);
  // By time alone: of a name there may be a week's messages, which are not to be counted each time.
  const ofName = sql`+${webhookMessages.name} = ${name}`;
  const lastOfFull = db
    .select({ receivedAt: webhookMessages.receivedAt })
    .from(webhookMessages)
    .where(and(gt(webhookMessages.receivedAt, since), ofName))
    .orderBy(desc(webhookMessages.receivedAt))
    .limit(1)
    .offset(MAX_WEBHOOK_MESSAGES_PER_MINUTE - 1);
  const isKnown = and(eq(webhookMessages.name, name), eq(webhookMessages.messageId, messageId));
  const values = sql`SELECT ${name}, ${messageId}, ${message.runId}, ${sql.param(now, webhookMessages.receivedAt)}`;
  const [, , known, full] = await db.batch([
    db.delete(webhookMessages).where(lt(webhookMessages.receivedAt, new Date(now.getTime() - KEEP_MESSAGES_MS))),
    db
      .insert(webhookMessages)
      .select(sql`${values} WHERE ${notExists(lastOfFull)}`)
      .onConflictDoNothing(),
    db.select({ messageId: webhookMessages.messageId }).from(webhookMessages).where(isKnown),
    lastOfFull,
  ]);
  if (known.length > 0) return;
  throw tooMany(name, now, new Date((full[0]?.receivedAt ?? now).getTime() + LIMIT_WINDOW_MS));
}

async function findTarget({ db }: Context, name: string): Promise<Target | undefined> {
  const [row] = await db
    .select({ id: jobs.id, enabled: jobs.enabled, spec: jobs.spec })
    .from(webhooks)
    .innerJoin(jobs, eq(jobs.id, webhooks.jobId))
    .where(eq(webhooks.name, name));
  const trigger = row?.spec.triggers.find((candidate) => candidate.kind === "webhook" && candidate.name === name);
  if (!row || trigger?.kind !== "webhook") return undefined;
  return { jobId: row.id, enabled: row.enabled, secrets: trigger.secrets };
}

/** A secret that cannot sign anything is for admins to mend: they read it in the log, the sender learns nothing. */
async function revealAll(ctx: Context, name: string, secretNames: readonly string[]): Promise<string[]> {
  const values: string[] = [];
  for (const secretName of secretNames) {
    try {
      const value = await revealSecret(ctx.env, ctx.db, secretName);
      if (isWebhookSecret(value)) values.push(value);
      else
        console.error(`webhook ${name}: the secret ${secretName} is not of the form whsec_<base64>, and signs nothing`);
    } catch (error) {
      console.error(`webhook ${name}: the secret ${secretName} cannot be read`, error);
    }
  }
  return values;
}

/** Throws `bad_webhook_signature` where one of the three headers is missing. */
function readMessage(headers: Headers, body: string): Message {
  const read = (name: string): string => {
    const value = headers.get(name);
    if (value === null || value === "" || value.length > MAX_HEADER_LENGTH) throw badSignature();
    return value;
  };
  return { id: read("webhook-id"), timestamp: read("webhook-timestamp"), signature: read("webhook-signature"), body };
}

/** As it was sent, byte for byte: that is what is signed. Throws `body_too_large`, and `invalid_input` for what is no text. */
function readText(request: Request): Promise<string> {
  const notText = (cause: Error) => new ServiceError("invalid_input", "The body is not UTF-8 text.", { cause });
  return readTextBody(request, { maxBytes: MAX_RUN_DATA_BYTES, keepByteOrderMark: true, tooLarge, notText });
}

function dataOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return body;
    throw error;
  }
}

function badSignature(): ServiceError {
  return new ServiceError("bad_webhook_signature", "There is no such webhook, or the message is not signed for it.", {
    hint: "Sign it as Standard Webhooks say: webhook-id, webhook-timestamp (at most 5 minutes off), and webhook-signature.",
  });
}

function disabled(name: string): ServiceError {
  return new ServiceError("conflict", `The job of the webhook ${JSON.stringify(name)} is disabled.`, {
    hint: "Send it again when it is enabled.",
  });
}

function tooMany(name: string, now: Date, freeAt: Date): ServiceError {
  const limit = `${MAX_WEBHOOK_MESSAGES_PER_MINUTE} messages a minute`;
  const hint = (seconds: number) =>
    `Send this one again in ${seconds} seconds. One that was taken before is always answered.`;
  return tooManyRequests(`The webhook ${JSON.stringify(name)} takes ${limit}.`, { now, freeAt, hint });
}

function tooLarge(): ServiceError {
  return new ServiceError("body_too_large", `The body is larger than ${MAX_RUN_DATA_BYTES} bytes.`, {
    hint: "Send where the data is, instead of the data.",
    details: { maxBytes: MAX_RUN_DATA_BYTES },
  });
}
