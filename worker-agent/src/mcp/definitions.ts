/** Lists of tools as servers send them: pages put together, and which of the definitions are the pinned ones. */
import { MAX_MCP_TOOLS } from "@roundhouse/protocol/mcp";
import { hashOfDefinition, McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import { McpProblem, type Message } from "./channel.ts";
import { isObject, isShallow } from "./json-rpc.ts";

export type Pins = Readonly<Record<string, string>>;

/** `other`: what came in place of a page. */
export type Page<Other> = { result: Message } | { other: Other };

/** Lists begun whose next page nobody asked for yet. */
const MAX_OPEN_LISTS = 16;
const MAX_PAGES = 200;

/** What a result lists, if it lists tools: some of it are objects with names. */
export function toolsIn(result: unknown): readonly unknown[] | undefined {
  const tools = isObject(result) ? result["tools"] : undefined;
  return Array.isArray(tools) && tools.some((tool) => nameOf(tool) !== undefined) ? tools : undefined;
}

export function pinOf(pins: Pins, name: string): string | undefined {
  return Object.hasOwn(pins, name) ? pins[name] : undefined;
}

/** Those that are defined as their pins say. A name with two definitions is none's: clients differ on which one they take. */
export async function pinnedTools(tools: readonly unknown[], pins: Pins): Promise<Message[]> {
  const pinned = await Promise.all(named(tools).map(async (tool) => ((await isPinned(tool, pins)) ? [tool] : [])));
  return pinned.flat();
}

/** What of a list may be told and approved. */
export function definitionsOf(tools: readonly unknown[]): McpToolDefinition[] {
  return named(tools)
    .filter((tool) => isShallow(tool))
    .flatMap((tool) => McpToolDefinition.safeParse(tool).data ?? []);
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
  return pin !== undefined && isShallow(tool) && (await hashOfDefinition(tool)) === pin;
}

/** Pages of lists that go by, in one session. */
export class Pages {
  readonly #open = new Map<string, readonly unknown[]>();

  /** The whole list, once its last page came. `cursor` is what the page was asked for by. */
  add(cursor: string | undefined, result: Message): readonly unknown[] | undefined {
    const before = cursor === undefined ? [] : this.#open.get(cursor);
    const tools = result["tools"];
    if (!before || !Array.isArray(tools)) return undefined;
    if (cursor !== undefined) this.#open.delete(cursor);
    const all = [...before, ...(tools as unknown[])].slice(0, MAX_MCP_TOOLS);
    const next = nextCursor(result);
    if (next === undefined || all.length === MAX_MCP_TOOLS) return all;
    this.#open.set(next, all);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_OPEN_LISTS && oldest !== undefined) this.#open.delete(oldest);
    return undefined;
  }
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
