/** A tool of an MCP server that is not defined as it was approved: what a person is shown of it, and what follows from the answer. */
import { ServiceError } from "../../services/error.ts";
import { approveDefinition, readDefinition } from "../../services/mcp-server/definition.ts";
import { type CallDeps, close, type Question, question } from "./call-rows.ts";
import type { ToolRow } from "./rows.ts";

type Deps = Pick<CallDeps, "ctx" | "journal">;
type Change = { row: ToolRow; asked: Question; diff: string };

/** A call that was kept back, though its tool is what was approved, is made again after these waits, and then no more. */
const AGAIN_MS = [1_000, 3_000, 9_000];

/** Asks the server anew. undefined: there is nothing to ask a person, and the row says how it goes on. */
export async function changedDefinition(
  { ctx, journal }: Deps,
  row: ToolRow,
  asked: Question,
): Promise<Change | undefined> {
  const mcp = servedBy(row);
  const now = await readDefinition(ctx(), mcp);
  if (journal.isOver) return undefined;
  if (now.is === "gone") {
    close(journal, row, "refused", `${row.tool} was not called. ${now.message}`);
    return undefined;
  }
  if (now.is === "approved") {
    // Somebody approved it meanwhile, it is again what it was, or the node was not told yet.
    makeAgain(journal, row, { ...mcp, pin: now.hash });
    return undefined;
  }
  // One that was asked before a crash is about what it showed then.
  const isOther = asked.definition !== undefined && asked.definition !== now.hash;
  const about = { ...(isOther ? question(journal, "definition") : asked), definition: now.hash };
  // Written down before it is asked: the answer is about this hash, and no other.
  return { row: journal.put({ ...row, question: about }), asked: about, diff: now.diff };
}

function makeAgain(journal: Deps["journal"], row: ToolRow, mcp: NonNullable<ToolRow["mcp"]>): void {
  const { keptBack = 0 } = row;
  const delay = AGAIN_MS[keptBack];
  if (delay === undefined) {
    const words = "its node kept it back again and again, although its definition seems to be the approved one.";
    return close(journal, row, "refused", `${row.tool} was not called: ${words} Look at the log of its server.`);
  }
  const again = { keptBack: keptBack + 1, notBefore: Date.now() + delay };
  journal.put({ ...row, state: "ready", question: null, result: null, mcp, ...again });
}

/** Pins what the person read, and makes the call under it; where the tool has changed again, that is asked about. */
export async function pinDefinition(
  { ctx, journal }: Deps,
  row: ToolRow,
  { asked, by }: { asked: Question; by: string | null },
): Promise<void> {
  const mcp = servedBy(row);
  if (asked.definition === undefined) throw new Error(`call ${row.callId} asked about no definition`);
  const failure = await pin(ctx, { ...mcp, hash: asked.definition }, by ?? "a person");
  if (journal.isOver) return;
  if (failure === undefined) {
    journal.put({ ...row, state: "ready", question: null, result: null, mcp: { ...mcp, pin: asked.definition } });
  } else if (failure.code === "conflict") {
    journal.put({ ...row, state: "asking", question: question(journal, "definition") });
  } else close(journal, row, "refused", failure.message);
}

/** Why it cannot be pinned: `conflict` where it is another definition by now. */
async function pin(
  ctx: Deps["ctx"],
  tool: { server: string; tool: string; hash: string },
  by: string,
): Promise<ServiceError | undefined> {
  try {
    await approveDefinition(ctx(), tool, by);
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

function servedBy({ callId, mcp }: ToolRow): NonNullable<ToolRow["mcp"]> {
  if (mcp) return mcp;
  throw new Error(`call ${callId} is none of an MCP server's tool`);
}
