/** The tus server of this node: HTTP in, the store's verbs out (SPEC UP1–UP9). */
import {
  encodeUploadPath,
  TUS_BODY_TYPE,
  TUS_EXTENSIONS,
  TUS_VERSION,
  UPLOAD_PATH_HEADER,
} from "@roundhouse/protocol/tus";
import { wholeJson } from "../services/whole-json.ts";
import { readCount, readWish } from "./metadata.ts";
import { FileProblem, toFileProblem } from "../files/problem.ts";
import { expiresAtMs, pathOf, type UploadRecord } from "./record.ts";
import type { UploadStore } from "./store.ts";

const PATH = /^(\/instances\/([^/]+)\/uploads)(?:\/([^/]+))?$/;
const WHEN_FULL = "What came is kept: make room, and go on from where HEAD says.";
const COMMON = { "tus-resumable": TUS_VERSION, "cache-control": "no-store" };

type Asked = { store: UploadStore; request: Request; instance: string };

/** Answers `/instances/<id>/uploads` and `/instances/<id>/uploads/<upload>`. */
export function uploadService(store: UploadStore, log: (line: string) => void) {
  return async (request: Request): Promise<Response> => {
    try {
      return await answer(store, request);
    } catch (error) {
      const problem = toFileProblem(error, WHEN_FULL);
      // A request that is gone is no trouble of ours.
      if (problem.code === "internal" && !request.signal.aborted) log(`upload: ${String(error)}`);
      return wholeJson(problem.body, problem.status, { ...COMMON, "tus-version": TUS_VERSION });
    }
  };
}

async function answer(store: UploadStore, request: Request): Promise<Response> {
  const [, collection = "", instance = "", id] = PATH.exec(new URL(request.url).pathname) ?? [];
  if (collection === "") throw new FileProblem("not_found", "There is nothing here.");
  const asked = { store, request, instance };
  if (request.method === "OPTIONS") return describe(store);
  if (request.headers.get("tus-resumable") !== TUS_VERSION) throw wrongVersion(request);
  if (id === undefined && request.method === "POST") return create(asked, collection);
  if (id !== undefined && ["GET", "HEAD"].includes(request.method))
    return state(200, await store.find(instance, id, request.signal));
  if (id !== undefined && request.method === "PATCH") return append(asked, id);
  if (id !== undefined && request.method === "DELETE") {
    await store.remove(instance, id, request.signal);
    return new Response(null, { status: 204, headers: COMMON });
  }
  throw new FileProblem("method_not_allowed", `${request.method} is not possible here.`);
}

async function describe(store: UploadStore): Promise<Response> {
  const headers = {
    ...COMMON,
    "tus-version": TUS_VERSION,
    "tus-extension": TUS_EXTENSIONS,
    "tus-max-size": String(await store.freeBytes()),
  };
  return new Response(null, { status: 204, headers });
}

async function create({ store, request, instance }: Asked, collection: string): Promise<Response> {
  const made = await store.create(instance, readWish(request.headers));
  const hasBytes = request.headers.get("content-type") === TUS_BODY_TYPE;
  const record =
    hasBytes || made.length === 0 ? await store.append(instance, made.id, sentBy(request, 0, hasBytes)) : made;
  return state(201, record, { location: `${collection}/${made.id}` });
}

async function append({ store, request, instance }: Asked, id: string): Promise<Response> {
  const type = request.headers.get("content-type");
  if (type !== TUS_BODY_TYPE) {
    const given = type === null ? "nothing" : JSON.stringify(type.slice(0, 100));
    throw new FileProblem("upload_type", `The content type is ${given}.`, `Send ${TUS_BODY_TYPE}.`);
  }
  const offset = readCount(request.headers, "upload-offset");
  return state(204, await store.append(instance, id, sentBy(request, offset, true)));
}

function sentBy(request: Request, offset: number, hasBytes: boolean) {
  const length = request.headers.has("content-length") ? readCount(request.headers, "content-length") : null;
  const { body, signal } = request;
  return hasBytes ? { offset, body, length, signal } : { offset, body: null, length: null, signal };
}

function state(status: number, record: UploadRecord, more: Record<string, string> = {}): Response {
  const { offset, length, metadata, finished } = record;
  const headers: Record<string, string> = {
    ...{ ...COMMON, ...more },
    "upload-offset": String(offset),
    "upload-length": String(length),
    "upload-metadata": metadata,
  };
  if (finished) headers[UPLOAD_PATH_HEADER] = encodeUploadPath(pathOf(record));
  else headers["upload-expires"] = new Date(expiresAtMs(record)).toUTCString();
  return new Response(null, { status, headers });
}

function wrongVersion(request: Request): FileProblem {
  const given = JSON.stringify(request.headers.get("tus-resumable"));
  return new FileProblem("upload_protocol", `Tus-Resumable is ${given}.`, `Speak tus ${TUS_VERSION}.`);
}
