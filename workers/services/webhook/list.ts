/** Lists the names that take webhooks, in the order of the alphabet. */
import { and, asc, eq, gt, sql } from "drizzle-orm";
import type { Webhook } from "@roundhouse/protocol/api/job";
import * as z from "zod";
import { jobs } from "../../db/jobs.ts";
import { webhookMessages } from "../../db/webhook-messages.ts";
import { webhooks } from "../../db/webhooks.ts";
import type { Context } from "../context.ts";
import { decodeCursor, encodeCursor, type Page, type PageInput } from "../page.ts";

export async function listWebhooks(ctx: Context, { limit, cursor }: PageInput): Promise<Page<Webhook>> {
  const rows = await selectRows(ctx, cursor === undefined ? undefined : decodeCursor(cursor, z.string()), limit + 1);
  const shown = rows.slice(0, limit).map((row) => toWebhook(ctx, row));
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown, cursor: last ? encodeCursor(last.name) : null };
}

function selectRows({ db }: Context, afterName: string | undefined, limit: number) {
  const newest = sql`(SELECT message_id FROM webhook_messages AS one WHERE one.name = webhooks.name
    ORDER BY received_at DESC, message_id DESC LIMIT 1)`;
  const isNewest = and(eq(webhookMessages.name, webhooks.name), eq(webhookMessages.messageId, newest));
  return db
    .select({ name: webhooks.name, job: jobs, message: webhookMessages })
    .from(webhooks)
    .innerJoin(jobs, eq(jobs.id, webhooks.jobId))
    .leftJoin(webhookMessages, isNewest)
    .where(afterName === undefined ? undefined : gt(webhooks.name, afterName))
    .orderBy(asc(webhooks.name))
    .limit(limit);
}

function toWebhook({ env }: Context, { name, job, message }: Awaited<ReturnType<typeof selectRows>>[number]): Webhook {
  const trigger = job.spec.triggers.find((candidate) => candidate.kind === "webhook" && candidate.name === name);
  return {
    ...{ name, job: job.id, jobName: job.name, enabled: job.enabled },
    url: new URL(`/api/webhook/${name}`, env.PUBLIC_URL).href,
    secrets: trigger?.kind === "webhook" ? trigger.secrets : [],
    lastMessage: message && {
      id: message.messageId,
      run: message.runId,
      receivedAt: message.receivedAt.toISOString(),
    },
  };
}
