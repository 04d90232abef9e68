/** GET /health and GET /metrics. */
import { Health } from "@roundhouse/protocol/api/common";
import * as z from "zod";
import { readMetrics } from "../services/metrics.ts";
import { VERSION } from "../services/version.ts";
import type { Api } from "./app.ts";
import { json, route } from "./route.ts";

const health = route({
  method: "get",
  path: "/health",
  access: "public",
  summary: "Whether the control plane serves",
  responses: { 200: json(Health, "It serves.") },
});

const metrics = route({
  method: "get",
  path: "/metrics",
  access: "viewer",
  summary: "The pool in numbers, as Prometheus text",
  responses: { 200: { description: "Prometheus text.", content: { "text/plain": { schema: z.string() } } } },
});

export function addHealth(api: Api): void {
  api.openapi(health, (c) => c.json({ status: "ok" as const, version: VERSION }, 200));
  api.openapi(metrics, async (c) => {
    const text = await readMetrics(c.var.ctx);
    return c.text(text, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
}
