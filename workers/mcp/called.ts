/** Which tools a client's message calls: read on its way, so that the audit log knows of a call before its node does. */
import { parseJson } from "@roundhouse/protocol/json";
import { MAX_MCP_MESSAGE_BYTES } from "@roundhouse/protocol/mcp";
import * as z from "zod";
import { ServiceError } from "../services/error.ts";
import { readTextBody } from "../services/text-body.ts";

const Call = z.object({ method: z.literal("tools/call"), params: z.object({ name: z.string() }) });

/** The same request with its body read. Throws `body_too_large` and `bad_json`. */
export async function readMessage(request: Request): Promise<{ request: Request; called: string[] }> {
  if (request.method !== "POST") return { request, called: [] };
  const body = await readTextBody(request, {
    maxBytes: MAX_MCP_MESSAGE_BYTES,
    keepByteOrderMark: true,
    tooLarge: () =>
      new ServiceError("body_too_large", `A message of MCP is ${MAX_MCP_MESSAGE_BYTES} bytes at most.`, {
        details: { maxBytes: MAX_MCP_MESSAGE_BYTES },
      }),
    notText: (cause) => new ServiceError("bad_json", "The message is no UTF-8 text.", { cause }),
  });
  const { url, method, headers, signal } = request;
  return { request: new Request(url, { method, headers, body, signal }), called: calledIn(parseJson(body)) };
}

/** Each name once. What makes no sense is refused by the server's gateway. */
function calledIn(message: unknown): string[] {
  const messages: unknown[] = Array.isArray(message) ? message : [message];
  const calls = messages.map((one) => Call.safeParse(one)).filter(({ success }) => success);
  return [...new Set(calls.map(({ data }) => data?.params.name ?? ""))];
}
