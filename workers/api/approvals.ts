/** /api/approvals: what runs may not do without a person. */
import { page } from "@roundhouse/protocol/api/common";
import { Approval, ApprovalQuery, DecideApproval } from "@roundhouse/protocol/api/run";
import { decideApproval } from "../services/approval/decide.ts";
import { getApproval } from "../services/approval/get.ts";
import { listApprovals } from "../services/approval/list.ts";
import type { Api } from "./app.ts";
import { IdParam, json, jsonInput, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/approvals",
  access: "viewer",
  summary: "List approvals",
  request: { query: ApprovalQuery },
  responses: { 200: json(page(Approval), "Those that wait first, then the newest.") },
});

const get = route({
  method: "get",
  path: "/api/approvals/{id}",
  access: "viewer",
  summary: "Read an approval",
  request: { params: IdParam },
  responses: { 200: json(Approval, "The approval.") },
});

const decide = route({
  method: "post",
  path: "/api/approvals/{id}",
  access: "operator",
  audit: { action: "decide" },
  summary: "Approve or deny a call",
  description:
    "The first decision holds. The same one by the same person again is answered alike; any other is refused. " +
    "`always` lets this job make exactly this call on this node from now on.",
  request: { params: IdParam, body: jsonInput(DecideApproval) },
  responses: { 200: json(Approval, "The approval as it was decided.") },
});

export function addApprovals(api: Api): void {
  api.openapi(list, async (c) => c.json(await listApprovals(c.var.ctx, c.req.valid("query")), 200));
  api.openapi(get, async (c) => c.json(await getApproval(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(decide, async (c) => {
    return c.json(await decideApproval(c.var.ctx, c.req.valid("param").id, c.req.valid("json")), 200);
  });
}
