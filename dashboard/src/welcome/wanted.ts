/** When the welcome is shown: while nothing is selected, where there is room, until somebody has had enough of it. */
import { selectedId } from "../instances/selection.ts";
import { isNarrow } from "../parts/narrow.ts";
import { stored } from "../parts/stored.ts";

export const isWelcome = stored<boolean>("roundhouse.welcome", true);

export function isWelcomeWanted(): boolean {
  return isWelcome.value && !isNarrow.value && selectedId.value === null;
}
