/** The journal as a conversation: what is sent to a model in its next turn. Pure. */
import type OpenAI from "openai";
import { sayFenced } from "./fenced.ts";
import type { Ground, ModelRow, Row, ToolRow } from "./rows.ts";

export type Message = OpenAI.ChatCompletionMessageParam;

/** `fenced`: for a model without tool calls of its own, `explained` says how it makes them. */
export function messagesOf(
  ground: Ground,
  rows: readonly Row[],
  { fenced, explained }: { fenced: boolean; explained: string },
): Message[] {
  const system = fenced && explained !== "" ? `${ground.system}\n\n${explained}` : ground.system;
  return [
    { role: "system", content: system },
    { role: "user", content: ground.task },
    ...rows.flatMap((row) => messagesOfRow(row, rows, fenced)),
  ];
}

function messagesOfRow(row: Row, rows: readonly Row[], fenced: boolean): Message[] {
  if (row.kind === "note") return row.tells === "nobody" ? [] : [{ role: "user", content: row.text }];
  if (row.kind !== "model" || row.state !== "succeeded") return [];
  const results = row.calls.map((_, index) => resultOf(rows, row.seq, index));
  return fenced || row.fenced ? fencedTurn(row, results) : nativeTurn(row, results);
}

function nativeTurn(row: ModelRow, results: string[]): Message[] {
  if (row.calls.length === 0) return [{ role: "assistant", content: row.text ?? "" }];
  return [
    {
      role: "assistant",
      content: row.text,
      tool_calls: row.calls.map(({ id, name, arguments: args }) => ({
        id,
        type: "function",
        // Servers read this text as JSON again, so what was none is put into some.
        function: { name, arguments: JSON.stringify(typeof args === "string" ? { malformed: args } : args) },
      })),
    },
    ...row.calls.map(({ id }, index): Message => ({ role: "tool", tool_call_id: id, content: results[index] ?? "" })),
  ];
}

function fencedTurn(row: ModelRow, results: string[]): Message[] {
  const blocks = row.fenced ? [] : row.calls.map(sayFenced);
  const said: Message = { role: "assistant", content: [row.text ?? "", ...blocks].filter(Boolean).join("\n") };
  if (row.calls.length === 0) return [said];
  const told = row.calls.map(({ name }, index) => `Result of call ${index + 1} (${name}):\n${results[index] ?? ""}`);
  return [said, { role: "user", content: told.join("\n\n") }];
}

/** A call that was made again answers with its last outcome. */
function resultOf(rows: readonly Row[], seq: number, index: number): string {
  const made = rows.filter((row): row is ToolRow => {
    return row.kind === "tool" && row.answers.seq === seq && row.answers.index === index;
  });
  return made.at(-1)?.result ?? "";
}

/** The size of a question in bytes of JSON. */
export function bytesOf(messages: readonly Message[], tools: readonly unknown[]): number {
  return new TextEncoder().encode(JSON.stringify([messages, tools])).length;
}
