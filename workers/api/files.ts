/** /api/instances/{id}/files: what lies in an instance's folder, its outputs and its node's models and datasets. */
import { page } from "@roundhouse/protocol/api/common";
import { FileEntry, FileListQuery, FileQuery, MoveFile } from "@roundhouse/protocol/files";
import * as z from "zod";
import { askForFiles } from "../services/file/ask.ts";
import { contentAnswer } from "../services/file/content.ts";
import { refuseSatelliteScript } from "../services/file/own-script.ts";
import type { Api } from "./app.ts";
import { DONE, IdParam, json, jsonInput, REST, route } from "./route.ts";

const COLLECTION = "/api/instances/{id}/files";
const ONE = `${COLLECTION}/${REST}` as const;
const PathParam = IdParam.extend({
  path: z.string().describe("Below the root, slashes and all; each part percent-encoded once."),
});
const ReadQuery = FileQuery.extend({ download: z.enum(["1"]).optional().describe("Save it rather than show it.") });
const RemoveQuery = FileQuery.extend({
  recursive: z.enum(["1"]).optional().describe("Also a folder that is not empty."),
});
const header = (description: string) => z.string().optional().describe(description);
const PutHeaders = z.object({
  "if-match": header("The ETag that was read: 412 `file_changed` when it is no longer the file's."),
  "if-none-match": header("`*`: only where nothing bears the name yet."),
});
const file = { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } };

const list = route({
  method: "get",
  path: COLLECTION,
  access: "viewer",
  summary: "List a folder",
  description:
    "Names, sizes and times only, which is why viewers may. `root` is the instance's own folder, its `outputs`, or the " +
    "`models` and `datasets` of its node. Links are told with their target and never followed.",
  request: { params: IdParam, query: FileListQuery },
  responses: { 200: json(page(FileEntry), "What lies in the folder, by name.") },
});

const read = route({
  method: "get",
  path: ONE,
  access: "operator",
  summary: "Read a file, or a range of it; HEAD tells its size and version",
  description:
    "Not for viewers: files hold keys and passwords. Images, sounds, films and UTF-8 text come with their type, anything " +
    "else as an attachment; nothing of it may run (`Content-Security-Policy: sandbox`).",
  request: { params: PathParam, query: ReadQuery },
  responses: {
    200: { description: "The file.", content: file },
    206: { description: "The range that `Range` asks for.", content: file },
    304: { description: "It is still the version that `If-None-Match` names." },
    416: { description: "`bad_range`: the range lies behind its end." },
  },
});

const put = route({
  method: "put",
  path: ONE,
  access: "operator",
  streamed: true,
  summary: "Write a whole file",
  description:
    "In one step: readers see the old or the new one. Folders on the way are made; the mode of a file that is replaced " +
    "stays. At most 64 MiB; larger files are uploaded. The launch.sh of a satellite is its parent's: 409 `is_satellite`.",
  request: {
    params: PathParam,
    query: FileQuery,
    headers: PutHeaders,
    body: { content: file, required: true as const },
  },
  responses: { 200: json(FileEntry, "Replaced."), 201: json(FileEntry, "Made.") },
});

const makeFolder = route({
  method: "post",
  path: ONE,
  access: "operator",
  audit: { action: "create-folder" },
  summary: "Make a folder, and those on the way to it",
  request: { params: PathParam, query: FileQuery },
  responses: { 201: json(FileEntry, "The folder.") },
});

const move = route({
  method: "patch",
  path: ONE,
  access: "operator",
  audit: { action: "move" },
  summary: "Rename or move a file, a folder or a link",
  description: "Never over something that is there: 409 `file_exists`.",
  request: { params: PathParam, query: FileQuery, body: jsonInput(MoveFile) },
  responses: { 200: json(FileEntry, "As it is called now.") },
});

const remove = route({
  method: "delete",
  path: ONE,
  access: "operator",
  summary: "Delete a file, a folder, or a link (never what it leads to)",
  request: { params: PathParam, query: RemoveQuery },
  responses: { 204: DONE },
});

export function addFiles(api: Api): void {
  api.openapi(list, async (c) => {
    const { limit, ...query } = c.req.valid("query");
    const asked = { query: { ...query, limit: String(limit) }, request: c.req.raw };
    const answer = await askForFiles(c.var.ctx, c.req.valid("param").id, asked);
    return c.json(page(FileEntry).parse(await answer.json()), 200);
  });
  api.openapi(read, async (c) => {
    const { root, download } = c.req.valid("query");
    const asked = { path: rawPath(c.req.raw), query: { root }, request: c.req.raw };
    const answer = await askForFiles(c.var.ctx, c.req.valid("param").id, asked);
    return contentAnswer(answer, nameOf(c.req.valid("param").path), download === "1");
  });
  api.openapi(put, async (c) => {
    await refuseSatelliteScript(c.var.ctx.db, c.req.valid("param"), c.req.valid("query").root);
    const asked = { path: rawPath(c.req.raw), query: c.req.valid("query"), request: c.req.raw };
    const answer = await askForFiles(c.var.ctx, c.req.valid("param").id, asked);
    const entry = await entryOf(answer);
    return c.json(entry, answer.status === 201 ? 201 : 200, versionOf(entry));
  });
  api.openapi(makeFolder, async (c) => {
    const request = new Request(c.req.raw.url, { method: "POST" });
    const asked = { path: rawPath(c.req.raw), query: c.req.valid("query"), request };
    return c.json(await entryOf(await askForFiles(c.var.ctx, c.req.valid("param").id, asked)), 201);
  });
  api.openapi(move, async (c) => {
    const body = JSON.stringify(c.req.valid("json"));
    const request = new Request(c.req.raw.url, { method: "PATCH", body });
    const asked = { path: rawPath(c.req.raw), query: c.req.valid("query"), request };
    const entry = await entryOf(await askForFiles(c.var.ctx, c.req.valid("param").id, asked));
    return c.json(entry, 200, versionOf(entry));
  });
  api.openapi(remove, async (c) => {
    const request = new Request(c.req.raw.url, { method: "DELETE" });
    const asked = { path: rawPath(c.req.raw), query: c.req.valid("query"), request };
    await askForFiles(c.var.ctx, c.req.valid("param").id, asked);
    return c.body(null, 204);
  });
}

/** As the client wrote it: the node decodes it, once. */
function rawPath({ url }: Request): string {
  return new URL(url).pathname.split("/").slice(5).join("/");
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The entry that the node tells, checked. */
async function entryOf(answer: Response): Promise<FileEntry> {
  return FileEntry.parse(await answer.json());
}

function versionOf({ etag }: FileEntry): Record<string, string> {
  return etag === null ? {} : { etag };
}
