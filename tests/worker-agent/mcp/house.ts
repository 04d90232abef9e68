/** MCP servers of a node over a data root of its own, asked as the control plane asks them. All of it ends with the test. */
import { existsSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { DesiredMcpServer, McpListing, McpStatus } from "@roundhouse/protocol/mcp";
import { hashOfDefinition } from "@roundhouse/protocol/mcp-definition";
import type { AgentMessage, ControlSecrets } from "@roundhouse/protocol/messages";
import type { Policy } from "@roundhouse/protocol/policy";
import type { AppUser } from "../../../worker-agent/src/blueprints/runtime.ts";
import { dataRootAt, makeDataRoot } from "../../../worker-agent/src/host/data-root.ts";
import { createGateway } from "../../../worker-agent/src/mcp/gateway.ts";
import { Servers } from "../../../worker-agent/src/mcp/servers.ts";
import { mcpServices } from "../../../worker-agent/src/mcp/service.ts";
import { waitFor } from "../instances/harness.ts";
import { makeTempDir } from "../keeper/build.ts";

export const FIXTURE = join(import.meta.dirname, "fixtures/server.mjs");
export const OPEN: Policy = { default: "allow", execCommand: true, rules: [] };

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});
export function atEnd(end: () => unknown): void {
  endings.push(end);
}

export type House = Awaited<ReturnType<typeof makeHouse>>;
type Options = {
  user?: AppUser | null;
  secretsLimitMs?: number;
  containerProgram?: string;
  gateway?: typeof createGateway;
};

export async function makeHouse(options: Options = {}) {
  const { user = null, secretsLimitMs, containerProgram = "none", gateway = createGateway } = options;
  const temp = await makeTempDir("rh-mcp-");
  await chmod(temp.dir, 0o755);
  const root = dataRootAt(join(temp.dir, "data"));
  await makeDataRoot(root);
  const lines: string[] = [];
  const sent: AgentMessage[] = [];
  const state = {
    isLinked: true,
    policy: OPEN as Policy | null,
    secrets: undefined as Record<string, string> | undefined,
    refused: null as ControlSecrets["refused"],
  };
  const create = () =>
    new Servers({
      ...{ root, user, createGateway: gateway, ceiling: null, secretsLimitMs, log: (line: string) => lines.push(line) },
      containers: { program: async () => containerProgram, allowedMounts: [] },
    });
  const servers = create();
  servers.connect((message) => {
    if (!state.isLinked) return false;
    sent.push(message);
    if (message.type === "agent.need_secrets") setImmediate(() => answerSecrets(message.instance));
    return true;
  });
  function answerSecrets(instance: string): void {
    if (!state.secrets && !state.refused) return;
    const { secrets: values = {}, refused } = state;
    servers.provideSecrets({ type: "control.secrets", instance, values, refused });
  }
  const services = mcpServices(servers);
  await servers.begin();
  endings.push(temp.remove, () => servers.shutdown());

  let wanted: DesiredMcpServer[] = [];
  function want(...wishes: DesiredMcpServer[]): void {
    wanted = wishes;
    servers.apply({ mcpServers: wishes, policy: state.policy });
  }

  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await services.fetch(new Request(`http://agent${path}`, init));
    if (!response) throw new Error(`nobody answers ${path}`);
    return response;
  }

  async function log(id = "ms_1"): Promise<string> {
    const { content } = (await (await ask(`/mcp/${id}/logs`)).json()) as { content: string };
    return content;
  }

  async function listing(id = "ms_1"): Promise<McpListing> {
    const response = await ask(`/mcp/${id}/tools`);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as McpListing;
  }

  async function call(tool: string, args: object = {}, id = "ms_1") {
    const definition = (await listing(id)).tools.find(({ name }) => name === tool);
    const body = JSON.stringify({ tool, arguments: args, pin: definition ? await hashOfDefinition(definition) : "" });
    return ask(`/mcp/${id}/call`, { method: "POST", body });
  }

  return {
    ...{ root, servers, services, state, sent, lines, ask, listing, call, tempDir: temp.dir },
    /** As after the end of the agent's process: the servers of the next one on the same data root. */
    async successor(): Promise<Servers> {
      const next = create();
      endings.push(() => next.shutdown());
      await next.begin();
      return next;
    },
    want,
    /** A person approves: the pins of the first server wished for. */
    approve(pins: Record<string, string>): void {
      const [first, ...others] = wanted;
      if (first) want({ ...first, pins: { ...first.pins, ...pins } }, ...others);
    },
    /** The text that a tool answered. */
    async told(tool: string, args: object = {}, id = "ms_1"): Promise<string> {
      const response = await call(tool, args, id);
      const text = await response.text();
      const { outcome } = JSON.parse(text) as { outcome?: { result?: { content: { text: string }[] } } };
      const told = outcome?.result?.content[0]?.text;
      if (told === undefined) throw new Error(text);
      return told;
    },
    async status(id = "ms_1"): Promise<McpStatus> {
      const { items } = (await (await ask("/mcp")).json()) as { items: McpStatus[] };
      const found = items.find((one) => one.id === id);
      if (!found) throw new Error(`no status of ${id}`);
      return found;
    },
    log,
    async hasLogged(words: string): Promise<void> {
      await waitFor(async () => (await log()).includes(words));
    },
    /** Tools that were told with each change, in order. */
    changes: () => sent.flatMap((message) => (message.type === "agent.mcp_changed" ? [message] : [])),
    async until(state: McpStatus["state"], id = "ms_1"): Promise<void> {
      await waitFor(
        () => servers.find(id)?.status().state === state,
        () => JSON.stringify(servers.find(id)?.status()),
      );
    },
  };
}

export function wish(changes: Partial<DesiredMcpServer> & { args?: string[] } = {}): DesiredMcpServer {
  const { args = [], ...rest } = changes;
  return {
    id: "ms_1",
    name: "fixture",
    run: { kind: "command", command: process.execPath, args: [FIXTURE, ...args] },
    env: [],
    idleMinutes: null,
    pins: {},
    ...rest,
  };
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
