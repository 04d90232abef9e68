/** A tool call on its way to a node and back: `PUT /tools/calls/<id>` of the agent's own services (SPEC TC1–TC14). */
import * as z from "zod";
import { digestOf } from "./ids.ts";
import { sortedJson } from "./json.ts";

/** An approval is for exactly one call: `digest` is that call's ({@link digestOfCall}). */
export const CallApproval = z.object({ id: z.string(), digest: z.string() });
export type CallApproval = z.infer<typeof CallApproval>;

export const ToolCallRequest = z.object({
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  runId: z.string(),
  /** A person approved what the node's policy asks about. */
  approval: CallApproval.nullable(),
  /** Of a tool of an MCP server (`tool` is `<server>/<tool>` then): the server, and the definition that it may have (SPEC MC6). */
  mcp: z.object({ server: z.string(), tool: z.string(), pin: z.string() }).optional(),
});
export type ToolCallRequest = z.infer<typeof ToolCallRequest>;

export const ToolResult = z.object({
  /** false: the tool did not do what was asked; `content` says why. */
  ok: z.boolean(),
  /** What the model gets to read, with how it ended and how to go on: at most {@link MAX_RESULT_CHARACTERS} characters. */
  content: z.string(),
  /** Of a longer output: its whole size in bytes, and the offset that `read_output` (of a file: `read_file`) goes on from. */
  more: z.object({ size: z.int(), next: z.int() }).nullable(),
  exitCode: z.int().nullable(),
  durationMs: z.int().min(0),
});
export type ToolResult = z.infer<typeof ToolResult>;

/** What `read_file` says behind a part of a file; whoever wants the file alone takes it off again. */
export function goOnWords({ next, size }: NonNullable<ToolResult["more"]>): string {
  return `\n(Go on with offset ${next} of ${size}.)`;
}
/** What it says of nothing. */
export const EMPTY_FILE_WORDS = "(The file is empty from here on.)";

export const MAX_RESULT_CHARACTERS = 16_000;
/** Longest wait of one request, in ms: then it answers `running`, and is asked again. */
export const MAX_CALL_WAIT_MS = 25_000;

/**
 * Why a node does not run a call at all. `needs_approval` can be approved, and so can the new definition of a tool that is
 * `definition_changed`; the others cannot.
 */
export const CallRefusal = z.enum([
  "denied",
  "needs_approval",
  "unknown_tool",
  "bad_arguments",
  "id_taken",
  "definition_changed",
]);
export type CallRefusal = z.infer<typeof CallRefusal>;

export const ToolCallAnswer = z.discriminatedUnion("state", [
  z.object({ state: z.literal("running"), startedAt: z.iso.datetime() }),
  z.object({ state: z.literal("done"), result: ToolResult }),
  z.object({ state: z.literal("refused"), code: CallRefusal, message: z.string() }),
  /** What held it is gone (its keeper was killed, or the host went down): nobody knows how far it came. */
  z.object({ state: z.literal("unknown"), message: z.string() }),
]);
export type ToolCallAnswer = z.infer<typeof ToolCallAnswer>;

/** SHA-256 of a call as base64url, over JSON whose keys are sorted: the same call has the same digest on both sides. */
export function digestOfCall(call: { tool: string; arguments: Readonly<Record<string, unknown>> }): Promise<string> {
  return digestOf(sortedJson({ tool: call.tool, arguments: call.arguments }));
}
