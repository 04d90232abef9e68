/**
 * A message to a webhook starts a run of its job. Who sends it is a stranger until the signature says otherwise: whatever is
 * wrong with it gets one and the same answer, so that names and secrets cannot be guessed one by one.
 */
import { eq, lt } from "drizzle-orm";
import { MAX_RUN_DATA_BYTES, type WebhookTaken } from "@roundhouse/protocol/api/job";
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
import { isSigned, isWebhookSecret, type Message } from "./verify.ts";

/** Long after its signature is too old for a replay. */
const KEEP_MESSAGES_MS = 7 * 24 * 3_600_000;
const MAX_HEADER_LENGTH = 1000;

type Taking = { name: string; jobId: string; message: Message; from: string | null };
type Target = { jobId: string; enabled: boolean; secrets: string[] };

/** The same message again answers the same run, and starts nothing. Throws `bad_webhook_signature`; and `conflict` where the job is disabled. */
export async function receiveWebhook(ctx: Context, name: string, request: Request): Promise<WebhookTaken> {
  const body = await readText(request);
  const message = readMessage(request.headers, body);
  const target = await findTarget(ctx, name);
  const secrets = target ? await revealAll(ctx, name, target.secrets) : [];
  if (!isSigned(message, secrets) || !target) throw badSignature();
  if (!target.enabled) throw disabled(name);
  const run = await takeMessage(ctx, { name, jobId: target.jobId, message, from: clientAddress(request) });
  return { run };
}

/** The run's id is made from the message: a message that was noted, and whose run was not started, starts it when it is sent again. */
async function takeMessage(ctx: Context, { name, jobId, message: { id, body }, from }: Taking): Promise<string> {
  const { db, now } = ctx;
  const runId = await derivedId("run", JSON.stringify(["webhook", jobId, name, id]));
  const message = { name, messageId: id, runId, receivedAt: now };
  const old = new Date(now.getTime() - KEEP_MESSAGES_MS);
  await db.batch([
    db.delete(webhookMessages).where(lt(webhookMessages.receivedAt, old)),
    db.insert(webhookMessages).values(message).onConflictDoNothing(),
  ]);
  const trigger = { kind: "webhook" as const, name, messageId: id };
  const row = await startRun(ctx, { runId, jobId, trigger, dry: false, data: dataOf(body), from });
  if (!row) throw badSignature();
  return row.id;
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

function tooLarge(): ServiceError {
  return new ServiceError("body_too_large", `The body is larger than ${MAX_RUN_DATA_BYTES} bytes.`, {
    hint: "Send where the data is, instead of the data.",
    details: { maxBytes: MAX_RUN_DATA_BYTES },
  });
}
