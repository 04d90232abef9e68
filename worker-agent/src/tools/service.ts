/** Tool calls over the link: `PUT`, `GET` and `DELETE /tools/calls/<id>?waitMs=` (SPEC TC1). */
import { parseJson } from "@roundhouse/protocol/json";
import { ToolCallRequest } from "@roundhouse/protocol/tool-call";
import { FileProblem, toFileProblem } from "../files/problem.ts";
import { wholeJson } from "../services/whole-json.ts";
import { type Calls, isCallId } from "./calls.ts";

const PATH = /^\/tools\/calls\/([^/]+)$/;
/** A file of 512,000 characters, each of them escaped. */
const MAX_REQUEST_CHARACTERS = 4 * 1024 * 1024;

/** Undefined for what is no path of tools. */
export function toolsService(deps: {
  calls: Calls;
  log: (line: string) => void;
}): (request: Request) => Promise<Response | undefined> {
  return async (request) => {
    const url = new URL(request.url);
    const [, id] = PATH.exec(url.pathname) ?? [];
    if (id === undefined) return undefined;
    try {
      return await answer(deps.calls, id, waitOf(url), request);
    } catch (error) {
      const problem = toFileProblem(error, "Nothing was done: make room, and try again.");
      if (problem.code === "internal" && !request.signal.aborted) deps.log(`tools: ${String(error)}`);
      return wholeJson(problem.body, problem.status);
    }
  };
}

async function answer(calls: Calls, id: string, waitMs: number, request: Request): Promise<Response> {
  if (!isCallId(id)) {
    throw new FileProblem("invalid_input", `id: ${JSON.stringify(id)} is none.`, "Use 1 to 64 of A-Z, a-z, 0-9, _, -.");
  }
  switch (request.method) {
    case "PUT":
      return wholeJson(await calls.put(id, await requestOf(request), waitMs));
    case "GET": {
      const known = await calls.get(id, waitMs);
      if (!known) throw new FileProblem("not_found", `There was never a call ${id} here.`);
      return wholeJson(known);
    }
    case "DELETE":
      return wholeJson(await calls.cancel(id));
    default:
      throw new FileProblem("method_not_allowed", `${request.method} is not possible here.`);
  }
}

async function requestOf(request: Request): Promise<ToolCallRequest> {
  const text = await request.text();
  if (text.length > MAX_REQUEST_CHARACTERS) {
    throw new FileProblem("body_too_large", `The call has more than ${MAX_REQUEST_CHARACTERS} characters.`);
  }
  const parsed = ToolCallRequest.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new FileProblem("invalid_input", `${issue?.path.join(".") || "body"}: ${issue?.message}.`);
}

function waitOf(url: URL): number {
  const waitMs = Number(url.searchParams.get("waitMs") ?? 0);
  return Number.isFinite(waitMs) && waitMs > 0 ? waitMs : 0;
}
