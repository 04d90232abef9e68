/** /api/instances/{id}/uploads: files of any size, in resumable chunks (tus 1.0.0). */
import * as z from "zod";
import { carryUpload } from "../services/upload/carry.ts";
import type { Api } from "./app.ts";
import { IdParam, route } from "./route.ts";

const COLLECTION = "/api/instances/{id}/uploads";
const ONE = `${COLLECTION}/{upload}` as const;
const UploadParam = IdParam.extend({ upload: z.string().min(1).max(100) });

// The node checks them: problems are told in the words of the tus protocol.
const header = (description: string) => z.string().optional().describe(description);
const Version = z.object({ "Tus-Resumable": header("Required: 1.0.0.") });
const Creation = Version.extend({
  "Upload-Length": header("Required. The file's length in bytes."),
  "Upload-Metadata": header(
    "Required. Keys with base64 values: `filename`; `path`, a folder (default `uploads`) below `root`, which is `instance` (default), `outputs`, `models` or `datasets`; `overwrite`, `true` to replace a file.",
  ),
});
const Writing = Version.extend({ "Upload-Offset": header("Required. Where this body begins; HEAD tells it.") });

const bytes = {
  required: false as const,
  content: { "application/offset+octet-stream": { schema: z.string().meta({ format: "binary" }) } },
};
const STATE = "Its state in the headers Upload-Offset, Upload-Length, Upload-Metadata and Upload-Expires";

const discover = route({
  method: "options",
  path: COLLECTION,
  access: "operator",
  summary: "Learn what uploads can do",
  request: { params: IdParam },
  responses: {
    204: { description: "Tus-Version, Tus-Extension, and in Tus-Max-Size what the node's disk has room for." },
  },
});

const create = route({
  method: "post",
  path: COLLECTION,
  access: "operator",
  streamed: true,
  summary: "Begin an upload into an instance's folder",
  description:
    "The tus protocol: any client of it works. Bodies of one request may be cut at 100 MB by a proxy in front; send chunks of at most 64 MiB.",
  request: { params: IdParam, headers: Creation, body: bytes },
  responses: { 201: { description: "Made; its URL is in Location." } },
});

const state = route({
  method: "get",
  path: ONE,
  access: "operator",
  summary: "Ask how far an upload is; HEAD does the same",
  request: { params: UploadParam, headers: Version },
  responses: { 200: { description: `${STATE}. A finished one has Upload-Path, percent-encoded, for an hour.` } },
});

const append = route({
  method: "patch",
  path: ONE,
  access: "operator",
  streamed: true,
  audit: false,
  summary: "Send the next bytes of an upload",
  description: "With the last byte the file is put in its place; the answer then has Upload-Path.",
  request: { params: UploadParam, headers: Writing, body: bytes },
  responses: { 204: { description: `${STATE}.` } },
});

const remove = route({
  method: "delete",
  path: ONE,
  access: "operator",
  streamed: true,
  summary: "Forget an upload and what came of it",
  description: "A file that was put in its place stays.",
  request: { params: UploadParam, headers: Version },
  responses: { 204: { description: "Forgotten." } },
});

export function addUploads(api: Api): void {
  api.openapi(discover, (c) => carryUpload(c.var.ctx, c.req.valid("param").id, null, c.req.raw));
  api.openapi(create, (c) => carryUpload(c.var.ctx, c.req.valid("param").id, null, c.req.raw));
  for (const one of [state, append, remove] as const) {
    api.openapi(one, (c) => {
      const { id, upload } = c.req.valid("param");
      return carryUpload(c.var.ctx, id, upload, c.req.raw);
    });
  }
}
