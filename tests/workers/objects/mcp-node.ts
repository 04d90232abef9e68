/** A node's side of MCP servers (SPEC MC4–MC6): answers what the control plane asks of it as a test tells it, and keeps what came. */
import { decodeFrame, type HeaderList } from "@roundhouse/protocol/frames";
import { MCP_HEADER } from "@roundhouse/protocol/mcp";
import { digestOfTools, type McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import { connect, type FakeAgent } from "./fake-agent.ts";
import { eventually, type TestNode } from "./harness.ts";

export type Asked = { method: string; path: string; headers: HeaderList; body: string };
export type Told = { status?: number; headers?: HeaderList; body?: unknown };

/** Long tests outlive the patience of a hub that hears nothing. */
const HEARTBEAT_MS = 2_000;

export class McpNode {
  readonly agent: FakeAgent;
  readonly asked: Asked[] = [];
  /** What the node saw of a server last, by its id. */
  readonly tools = new Map<string, McpToolDefinition[]>();
  /** Undefined leaves it to what the node does by itself. */
  answer: (asked: Asked) => Told | undefined = () => undefined;
  readonly #open = new Map<number, Asked>();

  private constructor(agent: FakeAgent) {
    this.agent = agent;
    const beat = setInterval(() => agent.send("ping"), HEARTBEAT_MS);
    void agent.closed.then(() => clearInterval(beat));
    agent.socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") void this.#onFrame(new Uint8Array(data as ArrayBuffer));
    });
  }

  static async connect(node: TestNode): Promise<McpNode> {
    return new McpNode(await connect(node.key));
  }

  /** Shows these tools to the control plane, and waits until it has read them. */
  async show(server: string, tools: McpToolDefinition[]): Promise<void> {
    this.tools.set(server, tools);
    const before = this.#readings(server);
    this.agent.send({ type: "agent.mcp_changed", server, tools: await digestOfTools(tools) });
    await eventually(() => expectMore(this.#readings(server), before));
  }

  #readings(server: string): number {
    return this.asked.filter(({ path }) => path === `/mcp/${server}/tools?seen=1`).length;
  }

  async #onFrame(bytes: Uint8Array): Promise<void> {
    const frame = decodeFrame(bytes);
    if (frame.type === "open") {
      const { method, path, headers } = frame.head;
      this.#open.set(frame.stream, { method, path, headers, body: "" });
    }
    const asked = this.#open.get(frame.stream);
    if (!asked) return;
    if (frame.type === "data") asked.body += new TextDecoder().decode(frame.bytes);
    const isWhole = frame.type === "end" || (frame.type === "open" && (asked.method === "GET" || !frame.head.hasBody));
    if (!isWhole) return;
    this.#open.delete(frame.stream);
    this.asked.push(asked);
    const { status = 200, headers, body } = this.answer(asked) ?? (await this.#byItself(asked));
    const shown: HeaderList = headers ?? [
      [MCP_HEADER, "ms"],
      ["content-type", "application/json"],
    ];
    this.agent.reply(frame.stream, status, shown, typeof body === "string" ? body : JSON.stringify(body ?? {}));
  }

  async #byItself({ path }: Asked): Promise<Told> {
    const [, id] = /^\/mcp\/([^/]+)\/tools(?:\?seen=1)?$/.exec(path) ?? [];
    if (path === "/mcp") return { body: { items: [] } };
    const tools = id === undefined ? undefined : this.tools.get(id);
    if (!tools) return { status: 404 };
    const about = { serverName: "files", serverVersion: "1", instructions: "Be careful." };
    return { body: { tools, digest: await digestOfTools(tools), ...about } };
  }
}

function expectMore(now: number, before: number): void {
  if (now <= before) throw new Error("the tools were not read yet");
}

export function toolOf(name: string, description = `${name}s things`): McpToolDefinition {
  return { name, description, inputSchema: { type: "object", properties: { path: { type: "string" } } } };
}
