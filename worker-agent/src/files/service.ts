/** The files of this node's instances over HTTP (SPEC FS1–FS9): which verb on which path does what. */
import { FileListQuery, FileQuery, MoveFile } from "@roundhouse/protocol/files";
import { FILES_HEADER } from "@roundhouse/protocol/file-types";
import type * as z from "zod";
import type { AppUser } from "../blueprints/runtime.ts";
import { isErrno } from "../keeper/durable-file.ts";
import { wholeJson } from "../services/whole-json.ts";
import { readEntry } from "./entry.ts";
import { type Folder, makeFolder, openFolder, type Place } from "./folder.ts";
import { listFolder, notFound } from "./list.ts";
import { exists } from "./move.ts";
import { checkFolder, checkPath, decodePath } from "./names.ts";
import { openFile } from "./open-file.ts";
import { FileProblem, toFileProblem } from "./problem.ts";
import { answerFile } from "./read.ts";
import { removeEntry } from "./remove.ts";
import { renameEntry } from "./rename.ts";
import { below, leadsTo, type Roots } from "./roots.ts";
import { Turns } from "./turns.ts";
import { writeFile } from "./write.ts";

export type FilesDeps = {
  /** Undefined for an instance that has no folder on this node. */
  rootsOf(instance: string): Roots | undefined;
  user: AppUser | null;
  log(line: string): void;
};

const PATH = /^\/instances\/([^/]+)\/files(?:\/(.+))?$/;
const COMMON = { [FILES_HEADER]: "1", "cache-control": "no-store" };
const WHEN_FULL = "Nothing was changed: make room, and try again.";

type Asked = FilesDeps & {
  request: Request;
  roots: Roots;
  root: Place;
  path: string;
  turns: Turns;
  query: URLSearchParams;
};

/** Answers `/instances/<id>/files` and `/instances/<id>/files/<path>`. */
export function filesService(deps: FilesDeps): (request: Request) => Promise<Response> {
  const turns = new Turns();
  return async (request) => {
    try {
      return marked(await answer(deps, turns, request));
    } catch (error) {
      const problem = toFileProblem(error, WHEN_FULL);
      // A request that is gone is no trouble of ours.
      if (problem.code === "internal" && !request.signal.aborted) deps.log(`files: ${String(error)}`);
      return wholeJson(problem.body, problem.status, COMMON);
    }
  };
}

function marked(response: Response): Response {
  for (const [name, value] of Object.entries(COMMON)) response.headers.set(name, value);
  return response;
}

async function answer(deps: FilesDeps, turns: Turns, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const [, instance, encoded] = PATH.exec(url.pathname) ?? [];
  if (instance === undefined) throw new FileProblem("not_found", "There is nothing here.");
  const roots = deps.rootsOf(instance);
  if (!roots)
    throw new FileProblem("not_installed", "The instance is not installed on its node yet.", "Start it once.");
  const query = url.searchParams;
  const root = roots[parsed(FileQuery, Object.fromEntries(query)).root];
  if (encoded === undefined) return list(roots, request, query);
  const asked: Asked = { ...deps, request, roots, root, path: decodePath(encoded), turns, query };
  switch (request.method) {
    case "GET":
    case "HEAD":
      return read(asked);
    case "PUT":
      return put(asked);
    case "POST":
      return makeOne(asked);
    case "PATCH":
      return move(asked);
    case "DELETE":
      return remove(asked);
    default:
      throw notPossible(request.method);
  }
}

async function list(roots: Roots, request: Request, query: URLSearchParams): Promise<Response> {
  if (request.method !== "GET") throw notPossible(request.method);
  const { root, path, limit, cursor } = parsed(FileListQuery, Object.fromEntries(query));
  const parts = checkFolder(path, "find");
  const wish = { place: below(roots[root], parts), limit, cursor, isRoot: parts.length === 0, shown: path };
  return wholeJson(await listFolder(roots, wish));
}

async function read({ root, path, user, request }: Asked): Promise<Response> {
  const { folder: parts, name } = checkPath(path, "find");
  const open = await within(await openFolder(below(root, parts)), path, (folder) => openFile(folder, name, user));
  return answerFile(open, name, request);
}

async function put(asked: Asked): Promise<Response> {
  const { root, path, user, request } = asked;
  const { folder: parts, name } = checkPath(path, "make");
  const condition = {
    ifMatch: request.headers.get("if-match"),
    ifNoneMatch: request.headers.get("if-none-match"),
  };
  return within(await makeFolder(below(root, parts), user), path, async (folder) => {
    const { body, signal } = request;
    const inTurn = <T>(act: () => Promise<T>) => asked.turns.take(act);
    const { created } = await writeFile({ folder, name, body, condition, user, signal, inTurn });
    return told(asked, folder, name, created ? 201 : 200);
  });
}

async function makeOne(asked: Asked): Promise<Response> {
  const { root, path, user } = asked;
  const { folder: parts, name } = checkPath(path, "make");
  return within(await makeFolder(below(root, parts), user), path, async (folder) => {
    const made = await folder.make(name, user).catch((error: unknown) => {
      throw isErrno(error, "EEXIST") ? exists(name) : error;
    });
    await made.close();
    return told(asked, folder, name, 201);
  });
}

async function move(asked: Asked): Promise<Response> {
  const { root, roots, path, user, request } = asked;
  const { to, toRoot } = parsed(MoveFile, await request.json());
  const from = checkPath(path, "find");
  const goal = checkPath(to, "make", "to");
  const goalRoot = toRoot === undefined ? root : roots[toRoot];
  if (root.isClosed && goalRoot !== root) throw staysThere();
  return within(await openFolder(below(root, from.folder)), path, async (source) =>
    within(await makeFolder(below(goalRoot, goal.folder), user), to, async (target) => {
      const ends = [
        { folder: source, name: from.name },
        { folder: target, name: goal.name },
      ] as const;
      await asked.turns.take(() => renameEntry(...ends));
      return told(asked, target, goal.name, 200);
    }),
  );
}

async function remove(asked: Asked): Promise<Response> {
  const { root, path, query } = asked;
  const { folder: parts, name } = checkPath(path, "find");
  const recursive = query.get("recursive") === "1";
  await within(await openFolder(below(root, parts)), path, (folder) => removeEntry(folder, name, recursive));
  return new Response(null, { status: 204 });
}

/** Does something in an open folder and closes it. Throws `not_found` when it is not there. */
async function within<T>(folder: Folder | undefined, path: string, act: (folder: Folder) => Promise<T>): Promise<T> {
  if (!folder) throw notFound(path);
  try {
    return await act(folder);
  } finally {
    await folder.close();
  }
}

/** What lies there now. */
async function told({ roots, root }: Asked, folder: Folder, name: string, status: number): Promise<Response> {
  const entry = await readEntry(folder, Buffer.from(name), (target) => leadsTo(roots, root, target));
  if (!entry) throw notFound(name);
  return wholeJson(entry, status, entry.etag === null ? {} : { etag: entry.etag });
}

/** Throws `invalid_input`. The control plane has checked it; an agent takes nobody's word. */
function parsed<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new FileProblem("invalid_input", `${issue?.path.join(".")}: ${issue?.message}.`, "Correct it and try again.");
}

/** Its mode would come with it, and whoever holds it open could change that still. */
function staysThere(): FileProblem {
  const message = "What a container made does not leave its folder: others could start it, as the container's user.";
  return new FileProblem("conflict", message, "Download it and upload it there, then delete it here.");
}

function notPossible(method: string): FileProblem {
  return new FileProblem("method_not_allowed", `${method} is not possible here.`);
}
