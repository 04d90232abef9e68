/** How an entry of a node's trash is asked for, and what is said when it is not there. */
import { ServiceError } from "../error.ts";

export const TRASH = "/agent/trash";

export function pathOf(entry: string): string {
  return `${TRASH}/${encodeURIComponent(entry)}`;
}

export function noEntry(entry: string): ServiceError {
  return new ServiceError("not_found", `There is no ${JSON.stringify(entry)} in the trash of this node.`, {
    hint: "Look at the list again: somebody may have restored or removed it.",
  });
}
