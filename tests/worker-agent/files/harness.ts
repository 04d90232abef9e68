/** The files service of a node over a data root of its own, with one instance `in_app` whose folders are there. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { FileEntry } from "@roundhouse/protocol/files";
import type { AppUser } from "../../../worker-agent/src/blueprints/runtime.ts";
import { rootsOf } from "../../../worker-agent/src/files/roots.ts";
import { filesService } from "../../../worker-agent/src/files/service.ts";
import { dataRootAt, makeDataRoot } from "../../../worker-agent/src/host/data-root.ts";

export type Bytes = Uint8Array<ArrayBuffer>;
export type Harness = Awaited<ReturnType<typeof makeHarness>>;
type Sent = { headers?: Record<string, string>; body?: string | Bytes | ReadableStream<Bytes>; signal?: AbortSignal };
export type Answer = { status: number; headers: Headers; text: string; bytes: Buffer; json: AnswerBody };
type AnswerBody = FileEntry & {
  items: FileEntry[];
  cursor: string | null;
  error: { code: string; message: string; hint?: string; details?: { etag?: string; size?: number } };
};

export async function makeHarness(user: AppUser | null = null, isClosed = false) {
  const dir = await mkdtemp(join(tmpdir(), "rh-files-"));
  const root = dataRootAt(join(dir, "data"));
  await makeDataRoot(root);
  const own = join(root.instancesDir, "app");
  const outputs = join(root.outputsDir, "app/images");
  await mkdir(own);
  const lines: string[] = [];
  const roots = rootsOf(root, { own, outputs, isClosed });
  const service = filesService({
    rootsOf: (id) => (id === "in_app" ? roots : undefined),
    user,
    log: (line) => lines.push(line),
  });

  /** `path` as it stands in a URL, with its query. */
  async function send(method: string, path: string, { headers = {}, body, signal }: Sent = {}): Promise<Answer> {
    const init = { method, headers, body, signal, duplex: "half" as const };
    const response = await service(new Request(`http://agent/instances/in_app/files${path}`, init));
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get("content-type") === "application/json";
    const json = (isJson ? JSON.parse(bytes.toString()) : {}) as AnswerBody;
    return { status: response.status, headers: response.headers, text: bytes.toString(), bytes, json };
  }

  return { dir, root, own, outputs, lines, service, send, close: () => rm(dir, { recursive: true, force: true }) };
}

/** `status`, or with an error `status code`. */
export function told({ status, json }: Answer): string {
  return json.error ? `${status} ${json.error.code}` : String(status);
}

/** A path as a URL has it. */
export function encoded(path: string): string {
  return `/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** Another thread that makes `path` a folder with a file, a link to `outside` and nothing, in turn, as fast as it can. */
export function swapping(path: string, outside: string, file: string): Worker {
  const program = `
    const { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } = require("node:fs");
    const { path, outside, file } = require("node:worker_threads").workerData;
    const attempt = (act) => { try { act(); } catch {} };
    for (let n = 0; ; n += 1) {
      attempt(() => mkdirSync(path));
      attempt(() => writeFileSync(path + "/" + file, "own"));
      attempt(() => renameSync(path, path + "-old"));
      attempt(() => symlinkSync(outside, path));
      attempt(() => unlinkSync(path));
      attempt(() => rmSync(path + "-old", { recursive: true, force: true }));
    }`;
  return new Worker(program, { eval: true, workerData: { path, outside, file } });
}

/** Another thread that makes `path` a file of its own and a link to `outside`, in turn. */
export function swappingFile(path: string, outside: string): Worker {
  const program = `
    const { renameSync, symlinkSync, unlinkSync, writeFileSync } = require("node:fs");
    const { path, outside } = require("node:worker_threads").workerData;
    const attempt = (act) => { try { act(); } catch {} };
    for (;;) {
      attempt(() => writeFileSync(path + ".draft", "own"));
      attempt(() => renameSync(path + ".draft", path));
      attempt(() => symlinkSync(outside, path + ".link"));
      attempt(() => renameSync(path + ".link", path));
    }`;
  return new Worker(program, { eval: true, workerData: { path, outside } });
}
