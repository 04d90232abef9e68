/** A provider as its form has it: prices are texts until they are sent. */
import type { Provider } from "@roundhouse/protocol/api/provider";

export type PriceRow = { model: string; input: string; output: string };
export type ProviderDraft = Pick<Provider, "name" | "baseUrl" | "secret" | "viaNode" | "toolCalls"> & {
  prices: readonly PriceRow[];
};

export function providerDraft(provider: Provider): ProviderDraft {
  const { name, baseUrl, secret, viaNode, toolCalls, prices } = provider;
  const rows = Object.entries(prices).map(([model, { input, output }]) => ({
    ...{ model, input: String(input), output: String(output) },
  }));
  return { name, baseUrl, secret, viaNode, toolCalls, prices: rows };
}

/** A price that is no number goes as it was typed: the answer quotes it. Rows without a model are left out. */
export function providerBody(draft: ProviderDraft) {
  const rows = draft.prices.filter(({ model }) => model.trim() !== "");
  const prices = rows.map(({ model, input, output }) => [
    model.trim(),
    { input: asTyped(input), output: asTyped(output) },
  ]);
  return { ...draft, prices: Object.fromEntries(prices) as Record<string, unknown> };
}

function asTyped(text: string): number | string {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}
