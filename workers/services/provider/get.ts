/** Reads one provider. */
import type { Provider } from "@roundhouse/protocol/api/provider";
import type { Context } from "../context.ts";
import { readProvider } from "./find.ts";
import { toProvider } from "./show.ts";

export async function getProvider({ db }: Context, idOrName: string): Promise<Provider> {
  return toProvider(await readProvider(db, idOrName));
}
