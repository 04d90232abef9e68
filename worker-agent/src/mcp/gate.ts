/** Which messages of a client may reach a server, and what of a server's lists a client gets to see (SPEC MC6, MC7). */
import { type Message, McpProblem } from "./channel.ts";
import { type Pins, pinnedTools, pinOf, toolsIn } from "./definitions.ts";
import { CODE, failure, fold, foldedFault, type Id, isObject, isResponse, objectIn, requestId } from "./json-rpc.ts";

/** What a server said instead of its list. */
export type NoList = { status: number; error: Message };
export type Listed = { tools: readonly unknown[] } | { other: NoList };

export type GateDeps = {
  pins: () => Pins;
  denial: (tool: string, args: Message) => string | null;
  isViewer: boolean;
  /** Its session is that of all who have none. */
  isShared: boolean;
  /** Whether a viewer may send this response. */
  mayAnswer: (response: Message) => boolean;
  /** Asks the server for all its tools, in the session and with the context of this call. */
  list: (call: Message) => Promise<Listed>;
};

export type Judged = {
  pass: readonly Message[];
  /** The answers to what does not pass. */
  refused: readonly Message[];
  /** For an answer of which nothing passes. */
  status: number;
};

const CALL = "tools/call";
const VIEWERS_MAY =
  /^(?:initialize|server\/discover|ping|logging\/setLevel|completion\/complete|notifications\/.+|.+\/list)$/;

/** Nobody could be told that it was refused, so it is no message at all. */
export function isCallWithoutId(message: Message): boolean {
  return isCall(message) && requestId(message) === undefined;
}

export async function judge(messages: readonly Message[], deps: GateDeps): Promise<Judged> {
  const refused = new Map<Message, Message>();
  for (const message of messages) {
    const refusal = atOnce(message, deps);
    if (refusal) refused.set(message, refusal);
  }
  const calls = messages.filter((message) => isCall(message) && !refused.has(message));
  const isUntold = refused.size > 0 && [...refused.values()].every(({ id }) => id === null);
  let status = isUntold ? 403 : 200;
  if (calls[0]) {
    const listed = await deps.list(calls[0]);
    if ("other" in listed) ({ status } = listed.other);
    for (const call of calls) {
      const refusal = await againstList(call, listed, deps.pins());
      if (refusal) refused.set(call, refusal);
    }
  }
  return { pass: messages.filter((message) => !refused.has(message)), refused: [...refused.values()], status };
}

/** A progress token belongs to the call alone. */
export function metaOf(call: Message): Message {
  const meta = objectIn(objectIn(call, "params") ?? {}, "_meta");
  if (!meta) return {};
  return { _meta: Object.fromEntries(Object.entries(meta).filter(([key]) => key !== "progressToken")) };
}

/** Why a tool whose definition is not the pinned one is not called; `pin` is what it had to be. */
export function wordUnpinned(tool: string, pin: string | undefined, isListed: boolean): string {
  const asks = "a person approves it in the pool's dashboard";
  if (pin === undefined) return `tool "${tool}" of this server is not approved; ${asks}`;
  if (!isListed) return `tool "${tool}" is not among this server's tools any more`;
  return `tool "${tool}" of this server has changed since it was approved; ${asks}`;
}

/** The same message where there is nothing to leave out. */
export async function sieve(message: unknown, pins: Pins): Promise<unknown> {
  if (Array.isArray(message)) {
    const sieved = await Promise.all(message.map((one: unknown) => sieve(one, pins)));
    return sieved.some((one, at) => one !== message[at]) ? sieved : message;
  }
  if (!isObject(message)) return message;
  const plain = withoutLike(message, "result");
  const result = objectIn(plain, "result");
  if (!result) return plain;
  const told = withoutLike(result, "tools");
  const tools = toolsIn(told);
  const kept = tools && (await pinnedTools(tools, pins));
  if (told === result && kept?.length === tools?.length) return plain;
  return { ...plain, result: kept ? { ...told, tools: kept } : told };
}

/** Without keys that some readers take for `key` (see `foldedFault`). */
function withoutLike(object: Message, key: string): Message {
  const isLike = (other: string) => other !== key && fold(other) === fold(key);
  if (!Object.keys(object).some(isLike)) return object;
  return Object.fromEntries(Object.entries(object).filter(([other]) => !isLike(other)));
}

function atOnce(message: Message, deps: GateDeps): Message | undefined {
  const { isViewer, pins, denial } = deps;
  const { method } = message;
  const id = requestId(message) ?? null;
  if (deps.isShared && (isResponse(message) || method === "notifications/cancelled"))
    return failure(id, CODE.invalidRequest, "without a session nobody knows whose request this is about");
  if (isViewer && isResponse(message) && !deps.mayAnswer(message))
    return failure(id, CODE.forbidden, "your key's role is viewer, and may not answer that");
  if (isViewer && !isResponse(message) && !VIEWERS_MAY.test(String(method)))
    return failure(id, CODE.forbidden, `your key's role is viewer, and may not ask for ${String(method)}`);
  if (!isCall(message)) return undefined;
  const tool = toolOf(message);
  const wrong = wrongParams(message);
  if (wrong !== undefined) return failure(id, CODE.invalidParams, wrong);
  if (pinOf(pins(), tool) === undefined) return failure(id, CODE.invalidParams, wordUnpinned(tool, undefined, true));
  const denied = denial(tool, objectIn(paramsOf(message), "arguments") ?? {});
  return denied === null ? undefined : failure(id, CODE.invalidParams, denied);
}

function wrongParams(call: Message): string | undefined {
  const params = paramsOf(call);
  const args = params["arguments"];
  if (typeof params["name"] !== "string") return `the "name" of a tool that is called is text`;
  if (args !== undefined && !isObject(args)) return "the arguments of a tool are an object";
  const fault = foldedFault(params, ["name", "arguments", "_meta"]) ?? foldedFault(args ?? {});
  return fault === undefined ? undefined : `a call is not clear: ${fault}`;
}

async function againstList(call: Message, listed: Listed, pins: Pins): Promise<Message | undefined> {
  const id = requestId(call) as Id;
  if ("other" in listed) {
    const { code, message, data } = listed.other.error;
    return failure(id, typeof code === "number" ? code : CODE.internal, wordNoList(message), data);
  }
  const tool = toolOf(call);
  const isNamed = (one: unknown) => isObject(one) && one["name"] === tool;
  if ((await pinnedTools(listed.tools, pins)).some(isNamed)) return undefined;
  return failure(id, CODE.invalidParams, wordUnpinned(tool, pinOf(pins, tool), listed.tools.some(isNamed)));
}

function wordNoList(message: unknown): string {
  return `the server did not tell its tools before the call: ${typeof message === "string" ? message : "it gave no reason"}`;
}

function isCall({ method }: Message): boolean {
  return method === CALL;
}

function paramsOf(call: Message): Message {
  return objectIn(call, "params") ?? {};
}

function toolOf(call: Message): string {
  const { name } = paramsOf(call);
  return typeof name === "string" ? name : "";
}

/** A client's call must not wait forever for a list that does not come. */
const LIST_TIMEOUT_MS = 60_000;

/** Aborts with the request, or when the server takes too long to tell its tools; then as a problem of the server. */
export async function inTime<Value>(signal: AbortSignal, ask: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const late = AbortSignal.timeout(LIST_TIMEOUT_MS);
  try {
    return await ask(AbortSignal.any([signal, late]));
  } catch (error) {
    if (!late.aborted) throw error;
    throw new McpProblem(`it did not tell its tools within ${LIST_TIMEOUT_MS / 1000} s`, { cause: error });
  }
}
