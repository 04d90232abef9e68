/** An OpenAI-compatible server that answers as a test tells it: real HTTP messages and server-sent events, without a network. */
import { vi } from "vitest";

export type Question = {
  model: string;
  messages: { role: string; content: string | null; tool_calls?: { id: string; function: { name: string } }[] }[];
  tools?: { function: { name: string; parameters: { required?: string[] } } }[];
  max_tokens?: number;
  max_completion_tokens?: number;
  stream_options?: unknown;
};
export type Said = {
  text?: string;
  calls?: { name: string; arguments: unknown }[];
  usage?: { input: number; output: number } | null;
  finish?: "stop" | "length";
  /** Instead of an answer. */
  status?: number;
  headers?: Record<string, string>;
  error?: string;
  /** The answer breaks off after its text. */
  breaksOff?: boolean;
  /** Nothing comes after the head until the question is aborted. */
  hangs?: boolean;
  /** Nobody listens there: the question is not heard. */
  refused?: boolean;
};
/** `turn` counts the questions of this model, from 1. */
export type Script = (question: Question, turn: number) => Said | Promise<Said>;

export type ScriptedModel = {
  questions: Question[];
  /** How many of its answers were given up by the one who asked. */
  aborted: number;
  restore(): void;
};

/** Other requests that leave the Worker, such as notifications; undefined lets one fail. */
export type Outside = (request: Request) => Response | Promise<Response> | undefined;

export function scriptModel(scripts: Record<string, Script>, outside: Outside = () => undefined): ScriptedModel {
  const model: ScriptedModel = { questions: [], aborted: 0, restore: () => spy.mockRestore() };
  const turns = new Map<string, number>();
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const script = scripts[url.hostname];
    if (!script) {
      const answer = await outside(request);
      if (answer) return answer;
      throw new TypeError(`connection to ${url.host} refused`);
    }
    const question: Question = await request.json();
    model.questions.push(question);
    const turn = (turns.get(url.hostname) ?? 0) + 1;
    turns.set(url.hostname, turn);
    return answerOf(await script(question, turn), init?.signal ?? undefined, () => (model.aborted += 1));
  });
  return model;
}

function answerOf(said: Said, signal: AbortSignal | undefined, onAbort: () => void): Response {
  // In the runtime's words.
  if (said.refused) throw new Error("Network connection lost.");
  if (said.status !== undefined) {
    return Response.json({ error: { message: said.error ?? "no" } }, { status: said.status, headers: said.headers });
  }
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunksOf(said)) controller.enqueue(encoder.encode(`data: ${JSON.stringify(chunk)}\n\n`));
      if (said.breaksOff) return controller.error(new TypeError("the connection broke"));
      if (said.hangs) {
        signal?.addEventListener("abort", () => {
          onAbort();
          controller.error(signal.reason);
        });
        return;
      }
      controller.enqueue(encoder.encode("data: [DONE]\n\n"));
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** Texts and arguments come in halves, as they do from real servers. */
function chunksOf({ text = "", calls = [], usage = { input: 100, output: 10 }, finish }: Said): unknown[] {
  const chunk = (delta: unknown, reason: string | null = null) => ({
    ...{ id: "c", object: "chat.completion.chunk", created: 1, model: "m" },
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  const halves = (whole: string) => [whole.slice(0, whole.length / 2), whole.slice(whole.length / 2)];
  return [
    ...halves(text).map((content) => chunk({ content })),
    ...calls.flatMap((call, index) => {
      const args = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments);
      const [first, second] = halves(args);
      return [
        chunk({
          tool_calls: [{ index, id: `id_${index}`, type: "function", function: { name: call.name, arguments: first } }],
        }),
        chunk({ tool_calls: [{ index, function: { arguments: second } }] }),
      ];
    }),
    chunk({}, finish ?? (calls.length > 0 ? "tool_calls" : "stop")),
    ...(usage === null ? [] : [{ ...chunk({}), choices: [], usage: usageOf(usage) }]),
  ];
}

function usageOf({ input, output }: { input: number; output: number }) {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}
