/** One turn of a model over the network: the answer as it streams in, put together. */
import type OpenAI from "openai";
import { parseArguments } from "./fenced.ts";
import { SilentModelError } from "./manner.ts";
import type { Message } from "./messages.ts";
import type { Manner, SaidCall } from "./rows.ts";
import { unlessAborted } from "./timed.ts";
import type { ToolDefinition } from "./toolbox.ts";

export type Turn = {
  text: string;
  calls: SaidCall[];
  /** null: the provider did not say. */
  usage: { inputTokens: number; outputTokens: number } | null;
  /** It ended at its length limit. */
  wasCut: boolean;
};

export type TurnRequest = {
  client: OpenAI;
  model: string;
  messages: Message[];
  /** Those that are offered natively. */
  tools: readonly ToolDefinition[];
  manner: Manner;
  maxOutputTokens: number;
  signal: AbortSignal;
  onText: (text: string) => void;
};

/** Until the first word (a model may have to be loaded), and between two. */
const FIRST_WORD_MS = 300_000;
const NEXT_WORD_MS = 120_000;

type Chunk = OpenAI.ChatCompletionChunk;
type CallPart = { id: string; name: string; arguments: string };

/** Throws what the library throws, and {@link SilentModelError}. */
export async function streamTurn(request: TurnRequest): Promise<Turn> {
  const silence = new AbortController();
  const signal = AbortSignal.any([request.signal, silence.signal]);
  const watch = new Silence(silence);
  try {
    watch.expectWithin(FIRST_WORD_MS);
    const options = { signal, maxRetries: 0, timeout: FIRST_WORD_MS };
    const stream = await unlessAborted(request.client.chat.completions.create(bodyOf(request), options), signal);
    const gathering = new Gathering(request.onText);
    const chunks = stream[Symbol.asyncIterator]();
    for (;;) {
      const { value, done } = await unlessAborted(chunks.next(), signal);
      if (done) return gathering.turn();
      watch.expectWithin(NEXT_WORD_MS);
      gathering.take(value);
    }
  } finally {
    watch.stop();
    silence.abort();
  }
}

function bodyOf({ model, messages, tools, manner, maxOutputTokens }: TurnRequest) {
  return {
    model,
    messages,
    stream: true as const,
    [manner.limitField]: maxOutputTokens,
    ...(manner.streamUsage ? { stream_options: { include_usage: true } } : {}),
    ...(tools.length > 0 ? { tools: tools.map((tool) => ({ type: "function" as const, function: tool })) } : {}),
  };
}

class Silence {
  readonly #controller: AbortController;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(controller: AbortController) {
    this.#controller = controller;
  }

  expectWithin(ms: number): void {
    clearTimeout(this.#timer);
    const silent = new SilentModelError(`it said nothing for ${ms / 1000} s`);
    this.#timer = setTimeout(() => this.#controller.abort(silent), ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** Puts the parts of an answer together; parts of calls come with the index of their call. */
class Gathering {
  readonly #onText: (text: string) => void;
  readonly #calls = new Map<number, CallPart>();
  #text = "";
  #usage: Turn["usage"] = null;
  #wasCut = false;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  take(chunk: Chunk): void {
    if (chunk.usage) {
      this.#usage = { inputTokens: chunk.usage.prompt_tokens, outputTokens: chunk.usage.completion_tokens };
    }
    const choice = chunk.choices?.[0];
    if (!choice) return;
    if (choice.finish_reason === "length") this.#wasCut = true;
    for (const part of choice.delta?.tool_calls ?? []) this.#takeCall(part);
    const text = choice.delta?.content ?? "";
    if (text === "") return;
    this.#text += text;
    this.#onText(this.#text);
  }

  #takeCall({ index, id, function: said }: OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall): void {
    const call = this.#calls.get(index) ?? { id: "", name: "", arguments: "" };
    call.id ||= id ?? "";
    call.name += said?.name ?? "";
    call.arguments += said?.arguments ?? "";
    this.#calls.set(index, call);
  }

  turn(): Turn {
    const calls = [...this.#calls].toSorted(([one], [other]) => one - other);
    return {
      text: this.#text,
      calls: calls.map(([index, call]) => ({
        id: call.id === "" ? `call_${index}` : call.id,
        name: call.name,
        arguments: parseArguments(call.arguments),
      })),
      usage: this.#usage,
      wasCut: this.#wasCut,
    };
  }
}
