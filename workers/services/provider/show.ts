/** How a provider is shown. Its key is the secret's; only the secret's name is here. */
import type { Provider } from "@roundhouse/protocol/api/provider";
import type { providers } from "../../db/providers.ts";

export type ProviderRow = typeof providers.$inferSelect;

export function toProvider({ secretName, createdAt, ...rest }: ProviderRow): Provider {
  return { ...rest, secret: secretName, createdAt: createdAt.toISOString() };
}
