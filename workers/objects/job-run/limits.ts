/** What a run may still spend: set aside before a model is asked, settled when it has answered. Pure. */
import type { JobLimits } from "@roundhouse/protocol/api/job";
import type { Price } from "@roundhouse/protocol/api/provider";
import type { RunFailure } from "@roundhouse/protocol/api/run";
import type { ModelRow, Spent } from "./rows.ts";

export const NOTHING: Spent = { inputTokens: 0, outputTokens: 0, money: 0 };
/** A shorter answer says nothing: no model is asked for one. */
const MIN_OUTPUT_TOKENS = 16;
/** Of text that no tokenizer of ours has seen: most need more bytes a token. */
const BYTES_PER_TOKEN = 3;
const PRICE_TOKENS = 1_000_000;

export function costOf(price: Price, inputTokens: number, outputTokens: number): number {
  return (inputTokens * price.input + outputTokens * price.output) / PRICE_TOKENS;
}

export function spend(price: Price, inputTokens: number, outputTokens: number): Spent {
  return { inputTokens, outputTokens, money: costOf(price, inputTokens, outputTokens) };
}

export function add(one: Spent, other: Spent): Spent {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    money: one.money + other.money,
  };
}

export function priceOf(prices: Readonly<Record<string, Price>>, model: string): Price {
  return prices[model] ?? prices["*"] ?? { input: 0, output: 0 };
}

/** The tokens of a question: by its size, or from what the provider counted in the last one and what came since. */
export function estimateTokens(bytes: number, last: ModelRow["asked"] | undefined): number {
  if (!last || last.tokens === null || bytes < last.bytes) return tokensOf(bytes);
  return last.tokens + tokensOf(bytes - last.bytes);
}

export function tokensOf(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

export type Asking = {
  limits: Pick<JobLimits, "tokens" | "money">;
  spent: Spent;
  price: Price;
  promptTokens: number;
  maxOutputTokens: number;
};
export type Reservation = { reserved: Spent } | { over: Extract<RunFailure, "token_limit" | "money_limit"> };

/** The longest answer that both limits still allow, with its question. */
export function reserve({ limits, spent, price, promptTokens, maxOutputTokens }: Asking): Reservation {
  const tokens = limits.tokens - spent.inputTokens - spent.outputTokens - promptTokens;
  if (tokens < MIN_OUTPUT_TOKENS) return { over: "token_limit" };
  const left = (limits.money ?? Number.POSITIVE_INFINITY) - spent.money;
  const output = affordable(price, promptTokens, Math.min(tokens, maxOutputTokens), left);
  if (output < MIN_OUTPUT_TOKENS) return { over: "money_limit" };
  return { reserved: spend(price, promptTokens, output) };
}

function affordable(price: Price, promptTokens: number, wanted: number, money: number): number {
  if (costOf(price, promptTokens, wanted) <= money) return wanted;
  if (price.output === 0) return 0;
  const afterPrompt = money - costOf(price, promptTokens, 0);
  // One less than arithmetic says, since fractions of a cent are rounded either way.
  return Math.floor((afterPrompt * PRICE_TOKENS) / price.output) - 1;
}
