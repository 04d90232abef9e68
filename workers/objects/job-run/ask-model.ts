/** One turn of the model: set aside what it may cost, ask, settle, and write down what it said, before anything follows from it. */
import type { Provider } from "@roundhouse/protocol/api/provider";
import { type OpenProvider, openProvider } from "../../services/provider/open.ts";
import type { Context } from "../../services/context.ts";
import { explainFenced, parseFenced } from "./fenced.ts";
import { finish, note, settle, turnOf } from "./finish.ts";
import type { Journal } from "./journal.ts";
import { estimateTokens, NOTHING, priceOf, reserve, spend, tokensOf } from "./limits.ts";
import { adapted, faultOf, FIRST_MANNER, type ProviderFault, SilentModelError } from "./manner.ts";
import { bytesOf, messagesOf } from "./messages.ts";
import type { Choice, ModelRow, Spent } from "./rows.ts";
import { streamTurn, type Turn } from "./stream-turn.ts";
import { takeTurn } from "./take-turn.ts";
import { toolDefinitions } from "./toolbox.ts";

export type ModelDeps = {
  ctx: () => Context;
  journal: Journal;
  /** Shows what is going on; again and again while a model speaks. */
  say: (words: string) => void;
};

/**
 * Waited for between attempts at one model; after the last, the next model's turn has come. That of one where nobody answers
 * has come at once.
 */
const RETRY_MS = [1_000, 4_000, 15_000];
const MAX_RETRY_MS = 120_000;
const SHOWN_EVERY_MS = 1_000;

/** `row`: the turn to ask again; null begins one. */
export async function askModel(deps: ModelDeps, row: ModelRow | null, signal: AbortSignal): Promise<void> {
  const { journal } = deps;
  const { spec } = journal.need("run");
  const choice = journal.get("choice") ?? { index: 0, manner: FIRST_MANNER };
  const models = [{ provider: spec.provider, model: spec.model }, ...spec.fallbacks];
  const asked = models[choice.index];
  if (!asked) throw new Error(`there is no model ${choice.index}`);
  const begun = begin(journal, row, asked);
  let opened: OpenProvider | undefined;
  let answer: Answer | undefined;
  try {
    const { env, db } = deps.ctx();
    opened = await openProvider(env, db, asked.provider);
    answer = await ask(deps, { opened, row: { ...begun, provider: opened.provider.name }, choice, signal });
  } catch (error) {
    if (journal.isOver || signal.aborted) return;
    const mayFence = opened?.provider.toolCalls === "auto";
    const fault = faultOf(error);
    const words = wordsOf(error, fault, opened);
    return onFault(deps, { row: currentOf(journal, begun), choice, fault, words, models: models.length, mayFence });
  }
  if (answer) await takeTurn(deps, answer.row, answer.turn);
}

/** An attempt whose end nobody saw may have cost all that was set aside for it. */
export function settleLost(journal: Journal, row: ModelRow, now: number): void {
  const settled = row.reserved ? settle(journal, row, row.reserved) : row;
  journal.put({ ...settled, state: "resting", notBefore: now });
}

function begin(journal: Journal, row: ModelRow | null, asked: { provider: string; model: string }): ModelRow {
  if (row) return { ...row, ...asked };
  return {
    ...{ kind: "model", state: "asking", seq: journal.nextSeq(), turn: turnOf(journal) + 1 },
    ...{ startedAt: Date.now(), endedAt: null, ...asked, fenced: false, attempts: 0, failures: 0, notBefore: 0 },
    ...{ reserved: null, usage: null, asked: { bytes: 0, tokens: null }, text: null, calls: [], error: null },
  };
}

function currentOf(journal: Journal, row: ModelRow): ModelRow {
  return journal.rows.find((kept): kept is ModelRow => kept.kind === "model" && kept.seq === row.seq) ?? row;
}

type Answer = { row: ModelRow; turn: Turn };
type Attempt = { opened: OpenProvider; row: ModelRow; choice: Choice; signal: AbortSignal };

/** undefined: a limit has ended the run. */
async function ask(deps: ModelDeps, attempt: Attempt): Promise<Answer | undefined> {
  const { row, choice, signal } = attempt;
  const { provider, client } = attempt.opened;
  const { journal } = deps;
  const { spec } = journal.need("run");
  const ground = journal.need("ground");
  const fenced = isFenced(provider, choice);
  const tools = toolDefinitions(spec.tools, ground);
  const messages = messagesOf(ground, journal.rows, { fenced, explained: explainFenced(tools) });
  const offered = fenced ? [] : tools;
  const bytes = bytesOf(messages, offered);
  const price = priceOf(provider.prices, row.model);
  const promptTokens = estimateTokens(bytes, lastAsked(journal, { ...row, fenced }));
  const { maxOutputTokens } = choice.manner;
  const spent = journal.get("spent") ?? NOTHING;
  const reservation = reserve({ limits: spec.limits, spent, price, promptTokens, maxOutputTokens });
  if ("over" in reservation) {
    failAtLimit(journal, reservation.over, promptTokens);
    return undefined;
  }
  const { reserved } = reservation;
  const asking = journal.put({
    ...row,
    ...{ state: "asking", fenced, attempts: row.attempts + 1, reserved, asked: { bytes, tokens: null }, error: null },
  });
  deps.say(`turn ${row.turn}: ${row.model}`);
  const turn = await streamTurn({
    ...{ client, model: row.model, messages, tools: offered, manner: choice.manner, signal },
    maxOutputTokens: reserved.outputTokens,
    onText: shownNowAndThen(deps, asking),
  });
  const settled = settleTurn(journal, asking, turn, { bytes, price: (input, output) => spend(price, input, output) });
  const said = saidIn(turn, provider, fenced);
  return { row: { ...settled, fenced: fenced || said.fenced }, turn: { ...turn, calls: said.calls } };
}

function isFenced({ toolCalls }: Pick<Provider, "toolCalls">, { manner }: Choice): boolean {
  return toolCalls === "fenced" || (toolCalls === "auto" && manner.fenced);
}

/** `auto` reads blocks where no native call came. */
function saidIn({ calls, text }: Turn, { toolCalls }: Provider, fenced: boolean) {
  if (calls.length > 0 || (toolCalls === "native" && !fenced)) return { calls, fenced: false };
  const blocks = parseFenced(text);
  return { calls: blocks, fenced: blocks.length > 0 };
}

function lastAsked(journal: Journal, row: ModelRow): ModelRow["asked"] | undefined {
  return journal.rows.findLast((kept): kept is ModelRow => {
    if (kept.kind !== "model" || kept.asked.tokens === null) return false;
    return kept.provider === row.provider && kept.model === row.model && kept.fenced === row.fenced;
  })?.asked;
}

function shownNowAndThen({ journal, say }: ModelDeps, row: ModelRow): (text: string) => void {
  let shownAt = Date.now();
  return (text) => {
    const now = Date.now();
    if (journal.isOver || now - shownAt < SHOWN_EVERY_MS) return;
    shownAt = now;
    journal.put({ ...row, text });
    say(`turn ${row.turn}: ${row.model}, ${text.length} characters so far`);
  };
}

/** A run that was ended meanwhile has settled this attempt already. */
function settleTurn(
  journal: Journal,
  row: ModelRow,
  turn: Turn,
  { bytes, price }: { bytes: number; price: (input: number, output: number) => Spent },
): ModelRow {
  if (journal.isOver) return row;
  const said = new TextEncoder().encode(turn.text + JSON.stringify(turn.calls)).length;
  const { inputTokens, outputTokens } = turn.usage ?? {
    inputTokens: row.reserved?.inputTokens ?? tokensOf(bytes),
    outputTokens: tokensOf(said),
  };
  const asked = { bytes, tokens: turn.usage?.inputTokens ?? null };
  return settle(journal, { ...row, asked }, price(inputTokens, outputTokens));
}

function failAtLimit(journal: Journal, code: "token_limit" | "money_limit", promptTokens: number): void {
  const { limits } = journal.need("run").spec;
  const spent = journal.get("spent") ?? NOTHING;
  const soFar =
    code === "token_limit"
      ? `${spent.inputTokens + spent.outputTokens} of ${limits.tokens} tokens are spent`
      : `$${spent.money.toFixed(4)} of $${limits.money ?? 0} are spent`;
  const name = code === "token_limit" ? "limits.tokens" : "limits.money";
  const message = `${soFar}, and the next question alone has about ${promptTokens} tokens. Raise ${name} if the job needs more.`;
  finish(journal, { status: "failed", failure: { code, message } }, Date.now());
}

/** For people: what was wrong with which provider, and what to do about it. */
function wordsOf(error: unknown, { message }: ProviderFault, opened: OpenProvider | undefined): string {
  if (!opened || error instanceof SilentModelError) return message;
  const explained = opened.explain(error);
  return [explained.message, explained.hint].filter(Boolean).join(" ");
}

type Failed = {
  row: ModelRow;
  choice: Choice;
  fault: ProviderFault;
  words: string;
  models: number;
  mayFence: boolean;
};

function onFault(deps: ModelDeps, { row, choice, fault, words: why, models, mayFence }: Failed): void {
  const { journal } = deps;
  const now = Date.now();
  const settled = row.reserved ? settle(journal, row, fault.mayHaveCost ? row.reserved : NOTHING) : row;
  const words = `${row.model} of provider ${JSON.stringify(row.provider)}: ${why}`;
  const resting: ModelRow = { ...settled, state: "resting", notBefore: now, failures: row.failures + 1, error: words };
  const manner = fault.isRefusal ? adapted(choice.manner, fault.message, mayFence) : undefined;
  if (manner) {
    journal.set("choice", { ...choice, manner });
    journal.put({ ...resting, failures: row.failures });
    return;
  }
  const hasNext = choice.index + 1 < models;
  const delay = fault.isUnreached && hasNext ? undefined : RETRY_MS[row.failures];
  if (fault.mayRetry && delay !== undefined) {
    const notBefore = now + Math.min(MAX_RETRY_MS, Math.max(delay, fault.retryAfterMs ?? 0));
    journal.put({ ...resting, notBefore });
    deps.say(`waiting to ask again: ${words}`);
    return;
  }
  if (hasNext) {
    journal.set("choice", { index: choice.index + 1, manner: FIRST_MANNER });
    journal.put({ ...resting, failures: 0 });
    note(journal, now, `${words}. The next model of the job is asked.`);
    return;
  }
  journal.put(resting);
  const message = `No model of this job answers. The last one, ${words}`;
  finish(journal, { status: "failed", failure: { code: "provider_failed", message } }, now);
}
