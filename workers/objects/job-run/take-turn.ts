/** What follows from what a model said: its calls are written down one by one, or its answer ends the run. */
import { sealArguments } from "../../services/tool/sealed.ts";
import { digestOfCall } from "@roundhouse/protocol/tool-call";
import { checkCall } from "./check-call.ts";
import type { ModelDeps } from "./ask-model.ts";
import { finish, note } from "./finish.ts";
import type { Journal } from "./journal.ts";
import { checkOutput } from "./output.ts";
import type { Arguments, ModelRow, NodeName, SaidCall, ToolRow } from "./rows.ts";
import type { Turn } from "./stream-turn.ts";

type Draft = Pick<ToolRow, "state" | "status" | "tool" | "node" | "arguments" | "sealed" | "digest" | "result" | "mcp">;

/** How often a model may try again to give the output that the job wants. */
const MAX_REPAIRS = 2;

export async function takeTurn(
  { ctx, journal }: Pick<ModelDeps, "ctx" | "journal">,
  row: ModelRow,
  turn: Turn,
): Promise<void> {
  const { env } = ctx();
  const drafts = await Promise.all(
    turn.calls.map((said) => draftOf(journal, said, (args) => sealArguments(env, journal.need("run").id, args))),
  );
  // From here on nothing waits: all of the turn is written, or nothing.
  if (journal.isOver) return;
  const now = Date.now();
  const { text, calls } = turn;
  journal.put({ ...row, state: "succeeded", endedAt: now, text, calls, error: null });
  for (const [index, draft] of drafts.entries()) putCall(journal, row, { draft, index, now });
  if (journal.need("run").dry) return finish(journal, { status: "succeeded", output: text }, now);
  if (calls.length === 0) endOrRepair(journal, turn, now);
}

async function draftOf(journal: Journal, said: SaidCall, seal: (args: Arguments) => Promise<string>): Promise<Draft> {
  const { spec, dry } = journal.need("run");
  const checked = checkCall(said, spec.tools, journal.need("ground"));
  if (!checked.ok)
    return refused(said.name, null, typeof said.arguments === "string" ? {} : said.arguments, checked.message);
  const { tool, node, arguments: args, mcp } = checked;
  if (dry) return refused(tool, node, args, "Not made: this is a dry run.");
  const isShown = JSON.stringify(journal.shown(args)) === JSON.stringify(args);
  return {
    ...{ state: "new", status: null, tool, node, arguments: args, mcp, result: null },
    sealed: isShown ? null : await seal(args),
    digest: await digestOfCall({ tool, arguments: args }),
  };
}

function refused(tool: string, node: NodeName | null, args: Arguments, result: string): Draft {
  return { state: "done", status: "refused", tool, node, arguments: args, sealed: null, digest: "", result };
}

function putCall(
  journal: Journal,
  { seq: asked, turn }: ModelRow,
  at: { draft: Draft; index: number; now: number },
): void {
  const seq = journal.nextSeq();
  journal.put({
    ...{ kind: "tool", seq, turn, startedAt: at.now, endedAt: at.draft.state === "done" ? at.now : null },
    ...{ callId: `${journal.need("run").id}-${seq}`, answers: { seq: asked, index: at.index } },
    ...{ question: null, approval: null, generation: null, notBefore: 0, misses: 0, exitCode: null },
    ...at.draft,
  });
}

function endOrRepair(journal: Journal, { text, wasCut }: Turn, now: number): void {
  if (wasCut)
    return note(journal, now, "Your answer was cut off, since it was too long. Answer again, and shorter.", "cut off");
  const checked = checkOutput(text, journal.need("run").spec.output);
  if (checked.ok) return finish(journal, { status: "succeeded", output: checked.output }, now);
  const repairs = journal.rows.filter((row) => row.kind === "note" && row.tells === "bad output").length;
  if (repairs < MAX_REPAIRS) {
    return note(
      journal,
      now,
      `Your answer cannot be taken: ${checked.message}\nAnswer again, with the JSON alone.`,
      "bad output",
    );
  }
  const message = `The model's last answer is not what the job's output wants: ${checked.message}`;
  finish(journal, { status: "failed", failure: { code: "bad_output", message } }, now);
}
