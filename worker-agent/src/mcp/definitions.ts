/** Lists of tools as servers send them: pages put together, and which of the definitions are the pinned ones. */
import { isDeepStrictEqual } from "node:util";
import { MAX_MCP_DEFINITION_BYTES, MAX_MCP_LIST_BYTES, MAX_MCP_TOOLS } from "@roundhouse/protocol/mcp";
import { hashOfDefinition, McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import { McpProblem, type Message } from "./channel.ts";
import { isObject, isShallow } from "./json-rpc.ts";

export type Pins = Readonly<Record<string, string>>;

/** `other`: what came in place of a page. */
export type Page<Other> = { result: Message } | { other: Other };

/** Lists begun whose next page nobody asked for yet. */
const MAX_OPEN_LISTS = 16;
const MAX_PAGES = 200;
const MAX_NAME = 200;

/** What of a list is kept of a tool that nobody can approve, however large it is. */
class Unfit {
  readonly name: string;
  readonly fault: string;

  constructor(name: string, fault: string) {
    this.name = name.slice(0, MAX_NAME);
    this.fault = fault;
  }
}

/** What a result lists: some readers take other keys for a name, so whatever is in it counts. */
export function toolsIn(result: Message): readonly unknown[] | undefined {
  const { tools } = result;
  return Array.isArray(tools) ? tools : undefined;
}

export function pinOf(pins: Pins, name: string): string | undefined {
  return Object.hasOwn(pins, name) ? pins[name] : undefined;
}

/** Those that are defined as their pins say. A name with two definitions is none's: clients differ on which one they take. */
export async function pinnedTools(tools: readonly unknown[], pins: Pins): Promise<Message[]> {
  const pinned = await Promise.all(named(tools).map(async (tool) => ((await isPinned(tool, pins)) ? [tool] : [])));
  return pinned.flat();
}

/** What of a whole list may be told and approved, and in words why the rest may not. */
export function readTools(tools: readonly unknown[]): { definitions: McpToolDefinition[]; faults: string[] } {
  const definitions: McpToolDefinition[] = [];
  const faults: string[] = [];
  for (const tool of named(tools)) {
    const definition = definitionOf(tool);
    if (typeof definition === "object") definitions.push(definition);
    else
      faults.push(`tool ${JSON.stringify(String(tool["name"]).slice(0, MAX_NAME))} cannot be approved: ${definition}`);
  }
  return { definitions, faults };
}

/** Or why it is none. */
function definitionOf(tool: Message): McpToolDefinition | string {
  if (tool instanceof Unfit) return tool.fault;
  const { data, error } = McpToolDefinition.safeParse(tool);
  if (!data) return `${error.issues[0]?.path.join(".")}: ${error.issues[0]?.message}`;
  if (/\p{Surrogate}/u.test(data.name)) return "its name is no text";
  // Whoever approves it would see another definition than clients get.
  return isDeepStrictEqual(data, tool) ? data : "it has keys that cannot be told";
}

function unfitness(tool: unknown): string | undefined {
  if (!isShallow(tool)) return "it is nested too deeply";
  return bytesOf(tool) > MAX_MCP_DEFINITION_BYTES
    ? `it takes more than ${MAX_MCP_DEFINITION_BYTES / 1024} KiB`
    : undefined;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** In the order of the list. */
function named(tools: readonly unknown[]): Message[] {
  const times = new Map<string, number>();
  for (const tool of tools) {
    const name = nameOf(tool);
    if (name !== undefined) times.set(name, (times.get(name) ?? 0) + 1);
  }
  return tools.filter((tool): tool is Message => times.get(nameOf(tool) ?? "") === 1);
}

function nameOf(tool: unknown): string | undefined {
  return isObject(tool) && typeof tool["name"] === "string" && tool["name"] !== "" ? tool["name"] : undefined;
}

async function isPinned(tool: Message, pins: Pins): Promise<boolean> {
  const pin = pinOf(pins, nameOf(tool) ?? "");
  return pin !== undefined && unfitness(tool) === undefined && (await hashOfDefinition(tool)) === pin;
}

/** Pages of lists that go by, in one session. */
export class Pages {
  readonly #open = new Map<string, Gathered>();

  /** The whole list, once its last page came. `cursor` is what the page was asked for by. */
  add(cursor: string | undefined, result: Message): readonly unknown[] | undefined {
    const before = cursor === undefined ? { tools: [], bytes: 0, isFull: false } : this.#open.get(cursor);
    const tools = toolsIn(result);
    if (!before || !tools) return undefined;
    if (cursor !== undefined) this.#open.delete(cursor);
    const all = gather(before, tools);
    const next = nextCursor(result);
    if (next === undefined || all.isFull) return all.tools;
    this.#open.set(next, all);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_OPEN_LISTS && oldest !== undefined) this.#open.delete(oldest);
    return undefined;
  }
}

type Gathered = { tools: readonly unknown[]; bytes: number; isFull: boolean };

/** What comes after as many, or as much, as is told of a list is left out. */
function gather(before: Gathered, page: readonly unknown[]): Gathered {
  const tools = [...before.tools];
  let { bytes } = before;
  for (const tool of page) {
    const name = nameOf(tool);
    if (name === undefined) continue;
    const fault = unfitness(tool);
    const kept = fault === undefined ? tool : new Unfit(name, fault);
    bytes += bytesOf(kept);
    if (bytes > MAX_MCP_LIST_BYTES) return { tools, bytes, isFull: true };
    tools.push(kept);
    if (tools.length === MAX_MCP_TOOLS) return { tools, bytes, isFull: true };
  }
  return { tools, bytes, isFull: false };
}

/** Asks for page after page, until `ask` answers what is no page: then that is the answer. */
export async function wholeList<Other>(
  ask: (cursor: string | undefined) => Promise<Page<Other>>,
): Promise<{ tools: readonly unknown[] } | { other: Other }> {
  const pages = new Pages();
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await ask(cursor);
    if (!("result" in answer)) return answer;
    const tools = pages.add(cursor, { tools: [], ...answer.result });
    if (tools) return { tools };
    cursor = nextCursor(answer.result);
    if (cursor === undefined) return { tools: [] };
  }
  throw new McpProblem(`its list of tools has no end after ${MAX_PAGES} pages`);
}

function nextCursor(result: Message): string | undefined {
  const cursor = result["nextCursor"];
  return typeof cursor === "string" && cursor !== "" ? cursor : undefined;
}
