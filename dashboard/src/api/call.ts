/** The one place that calls the HTTP API. */
import { PROOF_HEADER } from "@roundhouse/protocol/session";
import { ApiError, readError } from "./errors.ts";
import { loadProof } from "./proof.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type Ask = Omit<RequestInit, "headers"> & { headers: Record<string, string> };
type Page<T> = { items: T[]; cursor: string | null };

const PAGE_SIZE = 500;
let onUnauthenticated: () => void = () => undefined;

/** Says what happens when the API no longer knows the session. */
export function whenUnauthenticated(action: () => void): void {
  onUnauthenticated = action;
}

/** The answer's JSON (undefined for an empty answer). @throws {ApiError} */
export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await request(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** A good answer of any kind. @throws {ApiError} */
export async function request(path: string, init: Ask): Promise<Response> {
  const proof = loadProof();
  const headers = proof === null ? init.headers : { ...init.headers, [PROOF_HEADER]: proof };
  const response = await send(path, { ...init, headers });
  if (response.ok) return response;
  const error = await readError(response);
  // An answer to a question asked before signing in says nothing about the session of now.
  if (error.code === "unauthenticated" && proof === loadProof()) onUnauthenticated();
  throw error;
}

/** One page of a list; `path` may carry a query. */
export function listPage<T>(path: string, limit: number, cursor: string | null): Promise<Page<T>> {
  const query = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  return call("GET", `${path}${path.includes("?") ? "&" : "?"}limit=${limit}${query}`);
}

/** Every item of a list, over all its pages. */
export async function listAll<T>(path: string): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await listPage(path, PAGE_SIZE, cursor);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== null);
  return items;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, credentials: "same-origin", cache: "no-store" });
  } catch (cause) {
    const message = "The control plane did not answer.";
    throw new ApiError(
      0,
      "no_answer",
      message,
      `Check that it runs and that this browser is online. (${String(cause)})`,
    );
  }
}
