/** The tus server of a node over a data root of its own, with one instance `in_app` whose folder is there. */
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeUploadMetadata, TUS_BODY_TYPE, TUS_VERSION } from "@roundhouse/protocol/tus";
import type { AppUser } from "../../../worker-agent/src/blueprints/runtime.ts";
import { rootsOf } from "../../../worker-agent/src/files/roots.ts";
import { dataRootAt, makeDataRoot } from "../../../worker-agent/src/host/data-root.ts";
import { uploadService } from "../../../worker-agent/src/uploads/protocol.ts";
import { UploadStore } from "../../../worker-agent/src/uploads/store.ts";

export type Bytes = Uint8Array<ArrayBuffer>;
export type Answer = { status: number; headers: Headers; code: string | undefined; location: string };
export type Harness = Awaited<ReturnType<typeof makeHarness>>;

const COLLECTION = "/instances/in_app/uploads";

export async function makeHarness(options: { user?: AppUser; folder?: string } = {}) {
  const dir = await mkdtemp(join(tmpdir(), "rh-uploads-"));
  const root = dataRootAt(join(dir, "data"));
  await makeDataRoot(root);
  const folder = options.folder ?? join(root.instancesDir, "app");
  await mkdir(folder, { recursive: true });
  const clock = { ms: Date.now() };
  const lines: string[] = [];
  const folders = new Map([["in_app", folder]]);
  let serve = start();

  /** As a new process of the agent on the same disk. */
  function start() {
    const store = new UploadStore({
      root,
      rootsOf: (id) => {
        const own = folders.get(id);
        return own === undefined
          ? undefined
          : rootsOf(root, { own, outputs: join(root.outputsDir, "app"), isClosed: false });
      },
      user: options.user ?? null,
      now: () => clock.ms,
    });
    const service = uploadService(store, (line) => lines.push(line));
    return { store, service };
  }

  async function send(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body: Bytes | ReadableStream<Bytes> | null = null,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const all = { "tus-resumable": TUS_VERSION, ...headers };
    const init = { method, headers: all, body, signal, duplex: "half" as const };
    const response = await serve.service(new Request(`http://agent${path}`, init));
    const text = await response.text();
    const code = text === "" ? undefined : (JSON.parse(text) as { error: { code: string } }).error.code;
    return {
      status: response.status,
      headers: response.headers,
      code,
      location: response.headers.get("location") ?? "",
    };
  }

  const create = (length: number, metadata: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    send("POST", COLLECTION, {
      "upload-length": String(length),
      "upload-metadata": encodeUploadMetadata({ filename: "file.bin", ...metadata }),
      ...headers,
    });

  return {
    ...{ root, folder, folders, clock, lines, send, create },
    store: () => serve.store,
    restart: () => {
      serve = start();
    },
    patch: (url: string, offset: number, body: Bytes | ReadableStream<Bytes>, signal?: AbortSignal) =>
      send("PATCH", url, { "content-type": TUS_BODY_TYPE, "upload-offset": String(offset) }, body, signal),
    head: (url: string) => send("HEAD", url),
    /** The part and the record of every upload. */
    left: async () => (await readdir(join(root.stateDir, "in_app/uploads")).catch(() => [])).toSorted(),
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

/** A body that is sent piece by piece, and may break off. */
export function slowBody() {
  const { readable, writable } = new TransformStream<Bytes, Bytes>();
  const writer = writable.getWriter();
  return {
    readable,
    send: (bytes: Bytes) => writer.write(bytes),
    end: () => writer.close(),
    breakOff: () => writer.abort(new Error("the client went away")),
  };
}

export function offsetOf({ headers }: Answer): number {
  return Number(headers.get("upload-offset"));
}
