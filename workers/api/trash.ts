/** /api/nodes/{id}/trash: folders of deleted instances, until they are restored or removed. */
import { page } from "@roundhouse/protocol/api/common";
import { Instance } from "@roundhouse/protocol/api/instance";
import { RestoreTrash, TrashEntry, TrashRemoved } from "@roundhouse/protocol/api/trash";
import * as z from "zod";
import { emptyTrash } from "../services/trash/empty.ts";
import { listTrash } from "../services/trash/list.ts";
import { removeFromTrash } from "../services/trash/remove.ts";
import { restoreFromTrash } from "../services/trash/restore.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, route } from "./route.ts";

const COLLECTION = "/api/nodes/{id}/trash";
const EntryParam = IdParam.extend({ entry: z.string().describe("The id of an entry of the list.") });

const list = route({
  method: "get",
  path: COLLECTION,
  access: "viewer",
  summary: "List what lies in a node's trash",
  description: "Read from the node itself. Nothing there goes by itself.",
  request: { params: IdParam },
  responses: { 200: json(page(TrashEntry), "The newest first.") },
});

const restore = route({
  method: "post",
  path: `${COLLECTION}/{entry}/restore`,
  access: "operator",
  summary: "Make an instance of it again",
  description:
    "With its files, its environment and its outputs; the port is chosen anew. Its shares are gone, and so are the variables that had secrets: an admin binds these anew.",
  request: { params: EntryParam, body: { ...jsonInput(RestoreTrash), required: false } },
  responses: { 201: json(Instance, "The instance; it is `installing` until its files are back in place.") },
});

const remove = route({
  method: "delete",
  path: `${COLLECTION}/{entry}`,
  access: "operator",
  summary: "Remove something from the trash for good",
  request: { params: EntryParam },
  responses: { 204: DONE },
});

const empty = route({
  method: "delete",
  path: COLLECTION,
  access: "operator",
  audit: { action: "empty-trash", entity: "node" },
  summary: "Empty the trash",
  description: "Folders that the worker agent did not put there stay.",
  request: { params: IdParam },
  responses: { 200: json(TrashRemoved, "How many entries went.") },
});

export function addTrash(api: Api): void {
  api.openapi(list, async (c) => {
    return c.json({ items: await listTrash(c.var.ctx, c.req.valid("param").id), cursor: null }, 200);
  });
  api.openapi(restore, async (c) => {
    const { id, entry } = c.req.valid("param");
    return c.json(await restoreFromTrash(c.var.ctx, id, entry, c.req.valid("json") ?? {}), 201);
  });
  api.openapi(remove, async (c) => {
    const { id, entry } = c.req.valid("param");
    await removeFromTrash(c.var.ctx, id, entry);
    return c.body(null, 204);
  });
  api.openapi(empty, async (c) => c.json(await emptyTrash(c.var.ctx, c.req.valid("param").id), 200));
}
