/** Asks an instance's node about its files, and turns a refusal of the node into one of ours. */
import { FILES_HEADER } from "@roundhouse/protocol/file-types";
import type { Context } from "../context.ts";
import { readInstance } from "../instance/read.ts";
import { tooOld } from "../node/ask-agent.ts";
import { refusalOf } from "../node/refusal.ts";
import { carryToAgent } from "../node/carry.ts";

const PASSED_ON = new Set([...["content-length", "range", "if-range", "if-match", "if-none-match"]]);

export type FileRequest = {
  /** As it stands in the request's URL; undefined for the list of a folder. */
  path?: string;
  query: Record<string, string | undefined>;
  request: Request;
};

/** A good answer of the node (2xx, 304). Throws what the node refuses, `not_found`, `node_offline`, and `conflict` for an agent that is too old. */
export async function askForFiles(ctx: Context, instance: string, asked: FileRequest): Promise<Response> {
  const { id, nodeId } = await readInstance(ctx.db, instance);
  const given = Object.entries(asked.query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const place = asked.path === undefined ? "" : `/${asked.path}`;
  const path = `/instances/${id}/files${place}?${new URLSearchParams(given).toString()}`;
  const isPassedOn = (name: string): boolean => PASSED_ON.has(name);
  const response = await carryToAgent(ctx, { nodeId, path, request: asked.request, isPassedOn });
  if (!response.headers.has(FILES_HEADER)) throw tooOld("files");
  if (response.ok || response.status === 304) return response;
  throw refusalOf(response.status, await response.text());
}
