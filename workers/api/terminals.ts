/** Terminals of an instance: /api/instances/{id}/terminals. They are used by the WebSocket /api/instances/{id}/terminal. */
import { closeTerminal } from "../services/terminal/close.ts";
import { listTerminals, TerminalList } from "../services/terminal/list.ts";
import * as z from "zod";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, route } from "./route.ts";

const list = route({
  method: "get",
  path: "/api/instances/{id}/terminals",
  access: "operator",
  summary: "List the terminals of an instance",
  description:
    "A WebSocket at `/api/instances/{id}/terminal?terminal=<name>` opens one, or comes back to it: a shell in the " +
    "instance's folder, in its app's environment. Text and binary messages are typed; binary ones are printed.",
  request: { params: IdParam },
  responses: { 200: json(TerminalList, "Those that have not ended, in the order they were opened.") },
});

const close = route({
  method: "delete",
  path: "/api/instances/{id}/terminals/{terminal}",
  access: "operator",
  summary: "Close a terminal for good",
  description: "Ends all that was started in it, and answers when nothing of that is left.",
  request: { params: IdParam.extend({ terminal: z.string().min(1).max(100) }) },
  responses: { 204: DONE },
});

export function addTerminals(api: Api): void {
  api.openapi(list, async (c) => c.json(await listTerminals(c.var.ctx, c.req.valid("param").id), 200));
  api.openapi(close, async (c) => {
    const { id, terminal } = c.req.valid("param");
    await closeTerminal(c.var.ctx, id, terminal);
    return c.body(null, 204);
  });
}
