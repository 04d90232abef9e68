/** What went wrong when a provider was asked, in words for people: which of address, network, TLS, key and answer it was. */
import type { Provider } from "@roundhouse/protocol/api/provider";
import { APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { ServiceError } from "../error.ts";

const MAX_WORDS = 500;

/** An answer that is none of this API; the message says what it is. */
export class OddAnswer extends Error {}

export type Asked = {
  provider: Provider;
  /** The node it is reached through. null: directly. */
  nodeName: string | null;
  redact: (text: string) => string;
};

/** `provider_failed`, or what the way to it failed with (`node_offline`, `conflict`). */
export function describeFault(asked: Asked, error: unknown): ServiceError {
  const deeper = serviceErrorIn(error);
  if (deeper && deeper.code !== "provider_failed") return deeper;
  const { what, hint } = deeper ? unreachable(asked, deeper.message) : explain(asked, error);
  const { provider, nodeName, redact } = asked;
  const where = nodeName === null ? provider.baseUrl : `${provider.baseUrl}, asked from ${JSON.stringify(nodeName)}`;
  const message = redact(`${JSON.stringify(provider.name)} (${where}) ${what}`);
  const status = error instanceof APIError ? (error.status ?? null) : null;
  return new ServiceError("provider_failed", message, { hint, details: { provider: provider.id, status } });
}

type Explanation = { what: string; hint: string };

function explain(asked: Asked, error: unknown): Explanation {
  if (error instanceof APIConnectionTimeoutError || isTimeout(error)) {
    return {
      what: "did not answer in time.",
      hint: "See whether it is busy, or whether a firewall drops what is sent.",
    };
  }
  if (error instanceof OddAnswer) {
    return {
      what: error.message,
      hint: "See whether this is the base URL of an OpenAI-compatible API; most end with /v1.",
    };
  }
  if (error instanceof APIUserAbortError) return { what: "was not waited for any longer.", hint: "Ask again." };
  if (error instanceof APIError && error.status !== undefined) return refusal(error.status, wordsOf(error));
  return unreachable(asked, deepestMessage(error));
}

function refusal(status: number, words: string): Explanation {
  const said = `answered ${status}: ${words}`;
  if (status === 401 || status === 403)
    return { what: said, hint: "Its key is wrong or missing: see the secret it uses." };
  if (status === 404) return { what: said, hint: "Base URLs mostly end with /v1; and see whether it has that model." };
  if (status === 429)
    return { what: said, hint: "It takes no more for now: wait, or raise the limit of that account." };
  if (status >= 300 && status < 400)
    return { what: said, hint: "Redirects are not followed: give the address it leads to." };
  return { what: said, hint: status >= 500 ? "The fault is on its side: ask again later." : "See its own words." };
}

/** The runtime says of a TLS fault what it was, and of an address that nobody listens at only that the connection was lost. */
function unreachable({ nodeName }: Asked, words: string): Explanation {
  if (/\b(?:TLS|SSL|certificate)\b/i.test(words)) {
    return {
      what: `has no good TLS certificate: ${cut(words)}`,
      hint: "Use a certificate that is trusted there, or http.",
    };
  }
  const from = nodeName === null ? "the control plane" : `the node ${JSON.stringify(nodeName)}`;
  const elsewhere = nodeName === null ? ", or whether a node can (viaNode)" : "";
  const hint = `See whether it runs, and whether ${from} can reach that address${elsewhere}.`;
  return { what: `cannot be reached: ${cut(words)}`, hint };
}

/** The library puts the status before the provider's own words. */
function wordsOf({ message, status }: APIError): string {
  return cut(message.replace(new RegExp(`^${status} `), ""));
}

function isTimeout(error: unknown): boolean {
  return chainOf(error).some(({ name }) => name === "TimeoutError");
}

function serviceErrorIn(error: unknown): ServiceError | undefined {
  return chainOf(error).find((one) => one instanceof ServiceError);
}

function deepestMessage(error: unknown): string {
  return chainOf(error).at(-1)?.message ?? String(error);
}

function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error; at = at.cause) chain.push(at);
  return chain;
}

function cut(words: string): string {
  return words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS)}…` : words;
}
