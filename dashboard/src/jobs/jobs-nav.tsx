/** The way between jobs, their runs, and what waits for a person. */
import { PendingBadge } from "../approvals/pending.tsx";
import { PageNav } from "../parts/page-nav.tsx";

export function JobsNav() {
  return (
    <PageNav
      label="Jobs and runs"
      pages={[
        { path: "/jobs", label: "Jobs" },
        { path: "/jobs/runs", label: "Runs" },
        { path: "/jobs/approvals", label: "Approvals", badge: <PendingBadge /> },
      ]}
    />
  );
}
