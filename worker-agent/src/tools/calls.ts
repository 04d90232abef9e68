/** The tool calls of this node: each starts once, and whoever comes later with its id attaches to it (SPEC TC1, TC5). */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CallRefusal,
  digestOfCall,
  MAX_CALL_WAIT_MS,
  type ToolCallAnswer,
  type ToolCallRequest,
} from "@roundhouse/protocol/tool-call";
import { natureOf } from "@roundhouse/protocol/tools";
import type { Effects } from "../effects/effects.ts";
import { filesOf } from "../effects/records.ts";
import { type AdmissionDeps, admit, admitMcp } from "./admission.ts";
import type { Admitted, ReadOutput } from "./call.ts";
import { effectSpecOf, type EffectDeps } from "./effect-spec.ts";
import { logOutput } from "./effect-result.ts";
import { type McpCall, McpCalls } from "./mcp-calls.ts";
import { problemOf, Readings, type ReadingDeps, resultOf } from "./reading.ts";

export type CallsDeps = AdmissionDeps & EffectDeps & Omit<ReadingDeps, "outputOf"> & { effects: Effects };

/** A call as its callers see it, whatever runs it. */
type Known = McpCall;

const CALL_ID = /^[A-Za-z0-9_-]{1,64}$/;

export function isCallId(text: string): boolean {
  return CALL_ID.test(text);
}

export class Calls {
  readonly #deps: CallsDeps;
  readonly #readings: Readings;
  readonly #mcp: McpCalls;

  constructor(deps: CallsDeps) {
    this.#deps = deps;
    this.#mcp = new McpCalls(deps);
    this.#readings = new Readings({ ...deps, outputOf: (id) => this.#outputOf(id) });
  }

  /** Finds the calls of an earlier agent again. */
  async begin(): Promise<void> {
    await this.#mcp.begin();
    await this.#deps.effects.begin();
  }

  async put(id: string, request: ToolCallRequest, waitMs: number): Promise<ToolCallAnswer> {
    const digest = await digestOfCall(request);
    const known = await this.#find(id);
    if (known) return this.#answerSame(known, digest, waitMs);
    if (request.mcp) return this.#putMcp(id, { ...request, mcp: request.mcp }, digest, waitMs);
    const admission = admit(this.#deps, request, digest);
    if (!admission.ok) return refusal(admission.code, admission.message);
    const { tool, arguments: args } = admission;
    const admitted: Admitted = { id, tool, arguments: args, digest };
    // Another request with this id may have come meanwhile.
    const isRead = natureOf(tool, args) === "read";
    if (isRead) return waitFor(this.#readings.find(id) ?? this.#readings.start(admitted), waitMs);
    return this.#startEffect(admitted, waitMs);
  }

  /** Undefined for an id that was never seen. */
  async get(id: string, waitMs: number): Promise<ToolCallAnswer | undefined> {
    const known = await this.#find(id);
    return known && waitFor(known, waitMs);
  }

  /** One that has ended keeps its answer; one that was never seen will never be run. */
  async cancel(id: string): Promise<ToolCallAnswer> {
    const known = (await this.#find(id)) ?? (await this.#deps.effects.forbid(id));
    if (!known) throw new Error(`the call ${id} came and went`);
    await known.cancel();
    return known.ended;
  }

  async #find(id: string): Promise<Known | undefined> {
    return this.#readings.find(id) ?? this.#mcp.find(id) ?? (await this.#deps.effects.find(id));
  }

  async #putMcp(
    id: string,
    request: Parameters<typeof admitMcp>[1],
    digest: string,
    waitMs: number,
  ): Promise<ToolCallAnswer> {
    const admission = admitMcp(this.#deps, request, digest);
    if (!admission.ok) return refusal(admission.code, admission.message);
    const { server, call } = admission;
    // Another request with this id may have come meanwhile.
    const known = this.#mcp.find(id) ?? this.#mcp.start({ id, digest, server, serverName: server.wish.name, call });
    return this.#answerSame(known, digest, waitMs);
  }

  async #startEffect(call: Admitted, waitMs: number): Promise<ToolCallAnswer> {
    try {
      const spec = await effectSpecOf(this.#deps, call);
      return await this.#answerSame(await this.#deps.effects.start(spec), call.digest, waitMs);
    } catch (error) {
      // It was not started: the same id may come again.
      return { state: "done", result: resultOf(problemOf(error, this.#deps.log), 0) };
    }
  }

  #answerSame(known: Known, digest: string, waitMs: number): Promise<ToolCallAnswer> | ToolCallAnswer {
    if (known.digest === null || known.digest === digest) return waitFor(known, waitMs);
    return refusal("id_taken", "Another call has this id already: each call needs an id of its own.");
  }

  async #outputOf(id: string): Promise<ReadOutput | undefined> {
    if (!isCallId(id)) return undefined;
    const { logDir } = filesOf(this.#deps.root, id);
    return existsSync(logDir) ? logOutput(logDir) : this.#readings.outputOf(id);
  }
}

async function waitFor(call: Known, waitMs: number): Promise<ToolCallAnswer> {
  const stop = new AbortController();
  const running = sleep(Math.min(waitMs, MAX_CALL_WAIT_MS), undefined, { signal: stop.signal }).then(
    () => ({ state: "running" as const, startedAt: call.startedAt }),
    () => ({ state: "running" as const, startedAt: call.startedAt }),
  );
  try {
    return await Promise.race([call.ended, running]);
  } finally {
    stop.abort();
  }
}

function refusal(code: CallRefusal, message: string): ToolCallAnswer {
  return { state: "refused", code, message };
}
