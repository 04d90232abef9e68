/** /api/audit: who changed what, when, and from where. For admins. */
import { AuditEntry, AuditQuery } from "@roundhouse/protocol/api/audit";
import { page } from "@roundhouse/protocol/api/common";
import { listAudit } from "../services/audit/list.ts";
import type { Api } from "./app.ts";
import { json, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/audit",
  access: "admin",
  summary: "Read the audit log",
  description:
    "Everything that changed something, for 400 days. `entity` and `entityId` narrow it to one kind or thing.",
  request: { query: AuditQuery },
  responses: { 200: json(page(AuditEntry), "The entries, the newest first.") },
});

export function addAudit(api: Api): void {
  api.openapi(list, async (c) => c.json(await listAudit(c.var.ctx, c.req.valid("query")), 200));
}
