/** Lists providers, the earliest first. */
import type { Provider } from "@roundhouse/protocol/api/provider";
import { providers } from "../../db/providers.ts";
import type { Context } from "../context.ts";
import { afterCursor, oldestFirst, type Page, type PageInput, toPage } from "../page.ts";
import { toProvider } from "./show.ts";

export async function listProviders({ db }: Context, page: PageInput): Promise<Page<Provider>> {
  const rows = await db
    .select()
    .from(providers)
    .where(afterCursor(providers, page))
    .orderBy(...oldestFirst(providers))
    .limit(page.limit + 1);
  return toPage(rows, page, toProvider);
}
