/** Calls of runs to tools of MCP servers: each reaches its server at most once, whatever becomes of the agent (SPEC MC8). */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ToolCallAnswer } from "@roundhouse/protocol/tool-call";
import * as z from "zod";
import { notRun, UNKNOWN } from "../effects/effect.ts";
import type { Effects } from "../effects/effects.ts";
import { filesOf, readTold, writeTold } from "../effects/records.ts";
import type { DataRoot } from "../host/data-root.ts";
import { claimEffect, decideStart } from "../keeper/claim.ts";
import { readRecord, whenMissing, writeDurably } from "../keeper/durable-file.ts";
import { McpProblem } from "../mcp/channel.ts";
import type { McpCallOutcome } from "@roundhouse/protocol/mcp";
import { readResult } from "../mcp/result.ts";
import type { Server } from "../mcp/server.ts";

export type McpCallsDeps = {
  root: DataRoot;
  effects: Pick<Effects, "forbid">;
  log: (line: string) => void;
};

/** May be run: policy and ceiling were asked. */
export type AdmittedMcpCall = {
  id: string;
  digest: string;
  server: Pick<Server, "use" | "redact">;
  /** For people. */
  serverName: string;
  call: { tool: string; arguments: Readonly<Record<string, unknown>>; pin: string };
};

export type McpCall = {
  digest: string | null;
  startedAt: string;
  /** Never rejects. */
  ended: Promise<ToolCallAnswer>;
  cancel: () => Promise<void>;
};

const RECORD_END = ".mcp.json";
/** `effects/<id>.mcp.json`: it begins now. Removed when its answer is on the disk. */
const Begun = z.object({ version: z.literal(1), digest: z.string(), tool: z.string(), startedAt: z.iso.datetime() });

const HALF_DONE = "It may have been done all the same, or in part: look before it is done again.";

/** Somebody else has the id; what that was is for the disk to say. */
class IdIsTaken extends Error {}

export class McpCalls {
  readonly #deps: McpCallsDeps;
  readonly #held = new Map<string, McpCall>();

  constructor(deps: McpCallsDeps) {
    this.#deps = deps;
  }

  /** Those that had begun when an earlier agent ended get their answer. To be called before effects are looked for. */
  async begin(): Promise<void> {
    const { root } = this.#deps;
    const names = (await readdir(root.effectsDir).catch(whenMissing)) ?? [];
    const ids = names.filter((name) => name.endsWith(RECORD_END)).map((name) => name.slice(0, -RECORD_END.length));
    for (const id of ids) await this.#settleFormer(id);
  }

  /** One that is under way, or whose answer the disk did not take. */
  find(id: string): McpCall | undefined {
    return this.#held.get(id);
  }

  start(admitted: AdmittedMcpCall): McpCall {
    const startedAt = new Date().toISOString();
    const cancelled = new AbortController();
    const run = new Run(this.#deps, admitted, cancelled.signal, startedAt);
    const ended = run.answer();
    const call: McpCall = {
      digest: admitted.digest,
      startedAt,
      ended,
      cancel: async () => {
        cancelled.abort();
        await ended;
      },
    };
    this.#held.set(admitted.id, call);
    void ended.then(() => {
      if (!run.isUnsaved) this.#held.delete(admitted.id);
    });
    return call;
  }

  async #settleFormer(id: string): Promise<void> {
    const { root, log } = this.#deps;
    const files = filesOf(root, id);
    const path = recordOf(root, id);
    try {
      if (!(await readTold(files))) {
        const record = await readRecord(path, Begun);
        await claimEffect(files.dir);
        await writeTold(files, { digest: record?.digest ?? null, answer: { state: "unknown", message: UNKNOWN } });
      }
      await rm(path, { force: true });
    } catch (error) {
      log(`call ${id}: ${String(error)}`);
    }
  }
}

class Run {
  /** The disk did not take its answer, which is to stay the same all the same. */
  isUnsaved = false;
  readonly #deps: McpCallsDeps;
  readonly #call: AdmittedMcpCall;
  readonly #signal: AbortSignal;
  readonly #startedAt: string;
  readonly #startMs = performance.now();
  #hasBegun = false;

  constructor(deps: McpCallsDeps, call: AdmittedMcpCall, signal: AbortSignal, startedAt: string) {
    this.#deps = deps;
    this.#call = call;
    this.#signal = signal;
    this.#startedAt = startedAt;
  }

  async answer(): Promise<ToolCallAnswer> {
    const { server, call } = this.#call;
    try {
      const outcome = await server.use((gateway) =>
        gateway.call(call, { signal: this.#signal, beforeSending: () => this.#begin() }),
      );
      return await this.#tell(this.#answerOf(outcome));
    } catch (error) {
      return this.#hasBegun ? this.#tell(this.#brokenAfter(error)) : this.#brokenBefore(error);
    }
  }

  /** From here on it may have reached its server. */
  async #begin(): Promise<void> {
    const { root } = this.#deps;
    const { id, digest, call } = this.#call;
    const { dir } = filesOf(root, id);
    this.#signal.throwIfAborted();
    const begun = { version: 1, digest, tool: call.tool, startedAt: this.#startedAt } satisfies z.infer<typeof Begun>;
    let isClaimed = false;
    try {
      await writeDurably(recordOf(root, id), begun);
      isClaimed = await claimEffect(dir);
      if (!isClaimed) throw new IdIsTaken();
      // What finds the folder alone, an older agent, is to see that it began.
      await decideStart(dir, "keeper");
    } catch (error) {
      // It is not sent then, and the id is free again.
      if (isClaimed) await rm(dir, { recursive: true, force: true });
      await rm(recordOf(root, id), { force: true });
      throw error;
    }
    this.#hasBegun = true;
  }

  #answerOf(outcome: McpCallOutcome): ToolCallAnswer {
    const redact = (text: string): string => this.#call.server.redact(text);
    switch (outcome.is) {
      case "result":
        return this.#done(readResult(outcome.result, redact));
      case "error":
        return this.#done({ ok: false, content: redact(`The server refused the call: ${outcome.message}`) });
      case "changed":
        return { state: "refused", code: "definition_changed", message: redact(outcome.message) };
      default:
        return outcome satisfies never;
    }
  }

  #done({ ok, content }: { ok: boolean; content: string }): ToolCallAnswer {
    const durationMs = Math.round(performance.now() - this.#startMs);
    return { state: "done", result: { ok, content, more: null, exitCode: null, durationMs } };
  }

  #brokenAfter(error: unknown): ToolCallAnswer {
    if (this.#signal.aborted) return this.#done({ ok: false, content: `Cancelled. ${HALF_DONE}` });
    const words = this.#call.server.redact(wordsOf(error));
    const message = `The server ${JSON.stringify(this.#call.serverName)} did not answer the call: ${words} ${HALF_DONE}`;
    return { state: "unknown", message };
  }

  /** Its id was not used: it may come again. */
  async #brokenBefore(error: unknown): Promise<ToolCallAnswer> {
    const { id, server, serverName } = this.#call;
    if (this.#signal.aborted || error instanceof IdIsTaken) return this.#forbidden();
    if (!(error instanceof McpProblem)) this.#deps.log(`call ${id}: ${server.redact(String(error))}`);
    const hint = error instanceof McpProblem && error.hint ? ` ${error.hint}` : "";
    const words = `The MCP server ${JSON.stringify(serverName)} could not be asked: ${wordsOf(error)}${hint}`;
    return this.#done({ ok: false, content: server.redact(words) });
  }

  /** It was cancelled, or somebody had the id before: what is on the disk counts. */
  async #forbidden(): Promise<ToolCallAnswer> {
    const { id, digest } = this.#call;
    const { root, effects, log } = this.#deps;
    try {
      await effects.forbid(id);
      const told = await readTold(filesOf(root, id));
      if (told && (told.digest === null || told.digest === digest)) return told.answer;
      if (told) return { state: "refused", code: "id_taken", message: "Another call has this id already." };
    } catch (error) {
      log(`call ${id}: ${String(error)}`);
    }
    return notRun("It was cancelled before it began.");
  }

  /** For good, if it had begun. */
  async #tell(answer: ToolCallAnswer): Promise<ToolCallAnswer> {
    if (!this.#hasBegun) return answer;
    const { root, log } = this.#deps;
    const { id, digest } = this.#call;
    try {
      await writeTold(filesOf(root, id), { digest, answer });
      await rm(recordOf(root, id), { force: true });
    } catch (error) {
      this.isUnsaved = true;
      log(`call ${id}: its result could not be saved: ${String(error)}`);
    }
    return answer;
  }
}

function recordOf(root: DataRoot, id: string): string {
  return join(root.effectsDir, id + RECORD_END);
}

function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(words) ? words : `${words}.`;
}
