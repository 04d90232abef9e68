/** How providers want to be asked, and what their failures mean. Pure. */
import OpenAI from "openai";
import { ServiceError } from "../../services/error.ts";
import type { Manner } from "./rows.ts";

export const FIRST_MANNER: Manner = {
  fenced: false,
  limitField: "max_tokens",
  streamUsage: true,
  maxOutputTokens: 16_384,
};
const MIN_OUTPUT_TOKENS = 1_024;

/** Another manner, where a refusal's words ask for one; undefined when they do not, or it was tried already. */
export function adapted(manner: Manner, words: string, mayFence: boolean): Manner | undefined {
  if (/max_completion_tokens/.test(words) && manner.limitField === "max_tokens") {
    return { ...manner, limitField: "max_completion_tokens" };
  }
  if (/stream_options|include_usage/.test(words) && manner.streamUsage) return { ...manner, streamUsage: false };
  if (/max_tokens|max_completion_tokens|context|too large|too long/i.test(words)) {
    const maxOutputTokens = Math.floor(manner.maxOutputTokens / 4);
    return maxOutputTokens < MIN_OUTPUT_TOKENS ? undefined : { ...manner, maxOutputTokens };
  }
  if (/\btools?\b|function/i.test(words) && mayFence && !manner.fenced) return { ...manner, fenced: true };
  return undefined;
}

/**
 * `isRefusal`: it said no to the question itself. `isUnreached`: nobody answers there, so that another model, where the job
 * has one, is asked at once. `mayHaveCost`: it may have worked on the question.
 */
export type ProviderFault = {
  message: string;
  isRefusal: boolean;
  isUnreached: boolean;
  mayRetry: boolean;
  retryAfterMs: number | null;
  mayHaveCost: boolean;
};

/** A model that says nothing for this long is given up. */
export class SilentModelError extends Error {}

/** What Cloudflare answers in place of a server that refuses connections, does not take them, or has no address. */
const UNREACHED_STATUSES = new Set([521, 522, 523, 530]);

export function faultOf(error: unknown): ProviderFault {
  // It could not even be opened, or its node went away while it spoke.
  if (error instanceof ServiceError) return fault(error.message, { mayRetry: error.code === "node_offline" });
  if (error instanceof SilentModelError) return fault(error.message, { mayRetry: true, mayHaveCost: true });
  if (error instanceof OpenAI.APIError && error.status !== undefined) return faultOfAnswer(error);
  // No answer at all, or one that broke off.
  const message = error instanceof Error ? describe(error) : String(error);
  const isUnanswered = error instanceof OpenAI.APIConnectionError;
  return fault(`it could not be reached: ${message}`, {
    mayRetry: true,
    isUnreached: isUnanswered && !isOfNode(error),
    mayHaveCost: !isUnanswered,
  });
}

/** The node that it is reached through is away, mostly for a moment: that says nothing of the provider. */
function isOfNode({ cause }: Error): boolean {
  return cause instanceof ServiceError && cause.code === "node_offline";
}

function faultOfAnswer(error: InstanceType<typeof OpenAI.APIError>): ProviderFault {
  const status = Number(error.status);
  return fault(`it answered ${error.message}`, {
    isRefusal: status === 400 || status === 422,
    isUnreached: UNREACHED_STATUSES.has(status),
    mayRetry: status >= 500 || status === 429 || status === 408 || status === 409,
    retryAfterMs: retryAfterOf(error.headers),
  });
}

function retryAfterOf(headers: Headers | undefined): number | null {
  const ms = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(ms)) return Math.max(0, ms);
  const seconds = Number(headers?.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : null;
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`;
}

function fault(message: string, parts: Partial<ProviderFault> = {}): ProviderFault {
  const none = { isRefusal: false, isUnreached: false, mayRetry: false, retryAfterMs: null, mayHaveCost: false };
  return { message, ...none, ...parts };
}
