/** Calls that only read: run in the agent itself, remembered for a while, so that whoever asks again gets the same answer. */
import type { ToolArguments } from "@roundhouse/protocol/tool-arguments";
import { MAX_RESULT_CHARACTERS, type ToolResult } from "@roundhouse/protocol/tool-call";
import type { Call } from "../effects/effects.ts";
import { toFileProblem } from "../files/problem.ts";
import { type AppPortDeps, httpCallOf } from "./app-port.ts";
import { type Admitted, type Found, type ReadOutput, ToolProblem } from "./call.ts";
import { askApp } from "./http.ts";
import { excerptOf, pageOf } from "./output.ts";
import type { ReadDeps } from "./reads/deps.ts";
import { listFiles } from "./reads/list-files.ts";
import { readFile } from "./reads/read-file.ts";
import { searchFiles } from "./reads/search-files.ts";
import { systemStats } from "./reads/system-stats.ts";

/** The oldest go first. An output of 1 MiB at most belongs to each. */
const MOST_REMEMBERED = 64;

export type ReadingDeps = ReadDeps & AppPortDeps & { log: (line: string) => void };

export class Readings {
  readonly #deps: ReadingDeps;
  readonly #calls = new Map<string, Call>();
  readonly #outputs = new Map<string, Uint8Array>();

  constructor(deps: ReadingDeps) {
    this.#deps = deps;
  }

  find(id: string): Call | undefined {
    return this.#calls.get(id);
  }

  start(call: Admitted): Call {
    const cancelled = new AbortController();
    const isCancelled = new Promise<Found>((resolve) => {
      const end = () => resolve({ ok: false, content: "It was cancelled." });
      cancelled.signal.addEventListener("abort", end, { once: true });
    });
    const started: Call = {
      digest: call.digest,
      startedAt: new Date().toISOString(),
      ended: timed(Promise.race([this.#perform(call, cancelled.signal), isCancelled])),
      cancel: async () => cancelled.abort(),
    };
    this.#calls.set(call.id, started);
    this.#forgetOldest();
    return started;
  }

  outputOf(id: string): ReadOutput | undefined {
    const bytes = this.#outputs.get(id);
    return bytes && memoryOutput(bytes);
  }

  /** Never rejects: what went wrong is the answer. */
  async #perform(call: Admitted, signal: AbortSignal): Promise<Found> {
    try {
      return await this.#read(call, signal);
    } catch (error) {
      return problemOf(error, (line) => this.#deps.log(`${call.tool}: ${line}`));
    }
  }

  #read({ id, tool, arguments: args }: Admitted, signal: AbortSignal): Promise<Found> {
    const deps = this.#deps;
    if (tool === "read_file") return readFile(deps, args as ToolArguments<"read_file">);
    if (tool === "list_files") return listFiles(deps, args as ToolArguments<"list_files">);
    if (tool === "search_files") return searchFiles(deps, args as ToolArguments<"search_files">, signal);
    if (tool === "system_stats") return systemStats(deps);
    if (tool === "read_output") return readOutput(deps, args as ToolArguments<"read_output">);
    if (tool === "http_request") return this.#askApp(id, args as ToolArguments<"http_request">, signal);
    throw new ToolProblem(`${tool} does not only read.`);
  }

  async #askApp(id: string, args: ToolArguments<"http_request">, signal: AbortSignal): Promise<Found> {
    const { ok, text } = await askApp(httpCallOf(this.#deps, args), signal);
    const bytes = new TextEncoder().encode(text);
    const excerpt = await excerptOf(memoryOutput(bytes), id);
    if (excerpt.more) this.#outputs.set(id, bytes);
    return { ok, content: excerpt.text, ...(excerpt.more && { more: excerpt.more }) };
  }

  #forgetOldest(): void {
    for (const id of this.#calls.keys()) {
      if (this.#calls.size <= MOST_REMEMBERED) return;
      this.#calls.delete(id);
      this.#outputs.delete(id);
    }
  }
}

async function timed(work: Promise<Found>): Promise<{ state: "done"; result: ToolResult }> {
  const startMs = performance.now();
  const found = await work;
  return { state: "done", result: resultOf(found, Math.round(performance.now() - startMs)) };
}

/** Why a tool could not do it; what is no fault of the call's is in the log, too. */
export function problemOf(error: unknown, log: (line: string) => void): Found {
  if (error instanceof ToolProblem) return { ok: false, content: error.message };
  const problem = toFileProblem(error, "Nothing was changed: make room first.");
  if (problem.code === "internal") log(String(error));
  return { ok: false, content: problem.told };
}

export function resultOf({ ok, content, more }: Found, durationMs: number): ToolResult {
  return { ok, content: content.slice(0, MAX_RESULT_CHARACTERS), more: more ?? null, exitCode: null, durationMs };
}

async function readOutput({ outputOf }: ReadDeps, { call, offset }: ToolArguments<"read_output">): Promise<Found> {
  const read = await outputOf(call);
  if (read) return pageOf(read, offset);
  throw new ToolProblem(`call: no output of ${JSON.stringify(call)} is kept here. Outputs are kept for a week.`);
}

function memoryOutput(bytes: Uint8Array): ReadOutput {
  return async (offset, maxBytes) => {
    const from = Math.min(Math.max(0, offset < 0 ? bytes.length + offset : offset), bytes.length);
    return { content: bytes.subarray(from, from + maxBytes), offset: from, size: bytes.length };
  };
}
