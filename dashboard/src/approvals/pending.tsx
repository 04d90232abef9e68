/** How many approvals wait for a person. */
import { useQuery } from "@tanstack/preact-query";
import { pendingApprovalsQuery } from "../api/queries.ts";
import { Badge } from "../parts/badge.tsx";

export function PendingBadge() {
  const { data = [] } = useQuery(pendingApprovalsQuery);
  return <Badge count={data.length} words="waiting for approval" />;
}
