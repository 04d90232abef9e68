/** Which list of tools a person looks at, while the server may tell another one. Pure. */
import type { McpTool, McpTools } from "@roundhouse/protocol/api/mcp-server";

/** A definition that changes under the pointer would be approved unread: what was shown stays until the person wants the new one. */
export function isSafeToShow(shown: McpTools | undefined, fresh: McpTools): boolean {
  if (shown === undefined || shown.items.length === 0) return true;
  const known = new Map(shown.items.map(({ name, hash }) => [name, hash]));
  return fresh.items.length === known.size && fresh.items.every(({ name, hash }) => known.get(name) === hash);
}

export type Waiting = { waiting: McpTool[]; others: McpTool[] };

const ORDER: Readonly<Record<McpTool["status"], number>> = { changed: 0, new: 1, approved: 2, blocked: 3, gone: 4 };

/** Those that a person is to look at, the changed ones first, and the rest. */
export function sortedTools(items: readonly McpTool[]): Waiting {
  const sorted = items.toSorted((a, b) => ORDER[a.status] - ORDER[b.status] || a.name.localeCompare(b.name));
  return {
    waiting: sorted.filter(({ status }) => ORDER[status] <= ORDER.new),
    others: sorted.filter(({ status }) => ORDER[status] > ORDER.new),
  };
}
