/** The MCP servers of this node: those that the pool wants, each by its id (SPEC MC1–MC5). */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { McpStatus } from "@roundhouse/protocol/mcp";
import type { AgentMessage, ControlDesired, ControlSecrets } from "@roundhouse/protocol/messages";
import { judge, type Policy } from "@roundhouse/protocol/policy";
import { processesOfMcpServers } from "../host/processes.ts";
import { isErrno, whenMissing } from "../keeper/durable-file.ts";
import { JOB_FILE_END } from "./channels/container.ts";
import { removeServerFolders, Server, type ServerDeps } from "./server.ts";

export type ServersOptions = Omit<ServerDeps, "denial" | "onChange" | "hurry" | "needSecrets" | "containers"> & {
  containers: Omit<ServerDeps["containers"], "held">;
  /** What the node was joined with; null: none. */
  ceiling: Policy | null;
};

/** False where the link is down, and the message is lost. */
type Send = (message: AgentMessage) => boolean;

const TELL_AFTER_MS = 250;
/** What a former agent left ends its containers when it is asked to. */
const STRAY_GRACE_MS = 3_000;
const POLL_MS = 50;
/** The agent itself promises to be gone after 5 s. */
const SHUTDOWN_LIMIT_MS = 4_000;

export class Servers {
  readonly #options: ServersOptions;
  readonly #servers = new Map<string, Server>();
  readonly #deps: ServerDeps;
  readonly #hurry = new AbortController();
  readonly #held = new Set<string>();
  /** Those whose change is not told yet. */
  readonly #untold = new Set<string>();
  #telling: NodeJS.Timeout | undefined;
  #isFirst = true;
  #policy: Policy | null = null;
  #send: Send = () => false;

  constructor(options: ServersOptions) {
    this.#options = options;
    this.#deps = {
      ...options,
      containers: { ...options.containers, held: this.#held },
      needSecrets: (instance) => this.#send({ type: "agent.need_secrets", instance }),
      denial: (tool, args) => denialOf(this.#policy, options.ceiling, tool, args),
      onChange: (id) => this.#onChange(id),
      hurry: this.#hurry.signal,
    };
  }

  /** Ends what a former agent left: nobody can speak to it any more. */
  async begin(): Promise<void> {
    const { root } = this.#options;
    await endStrayServers(root.mcpDir);
    for (const id of (await readdir(root.mcpStateDir).catch(whenMissing)) ?? []) {
      for (const name of (await readdir(join(root.mcpStateDir, id)).catch(whenNoFolder)) ?? []) {
        if (name.endsWith(JOB_FILE_END)) await rm(join(root.mcpStateDir, id, name), { force: true });
      }
    }
  }

  /** By which way the control plane is told and asked. */
  connect(send: Send): void {
    this.#send = send;
  }

  /** The whole set: what is not in it is ended, and its folder removed. */
  apply({ mcpServers: wishes, policy = null }: Pick<ControlDesired, "mcpServers" | "policy">): void {
    this.#policy = policy;
    for (const wish of wishes) {
      const known = this.#servers.get(wish.id);
      if (known) known.apply(wish);
      else this.#servers.set(wish.id, new Server(wish, this.#deps));
    }
    const wanted = new Set(wishes.map(({ id }) => id));
    for (const server of [...this.#servers.values()].filter(({ id }) => !wanted.has(id))) {
      this.#servers.delete(server.id);
      this.#untold.delete(server.id);
      this.#unlessFailed(`${server.wish.name} could not be removed`, server.remove());
    }
    // An older control plane names none, and means nothing by it.
    if (this.#isFirst && wishes.length > 0) {
      this.#isFirst = false;
      this.#unlessFailed("folders of former MCP servers could not be removed", this.#removeOthers(wanted));
    }
  }

  /** A new link: whoever is at its other end may have missed what was told. */
  linked(): void {
    for (const server of this.#servers.values()) if (server.status().tools !== null) this.#untold.add(server.id);
    this.#tell();
  }

  provideSecrets(told: ControlSecrets): void {
    this.#servers.get(told.instance)?.provideSecrets(told);
  }

  find(id: string): Server | undefined {
    return this.#servers.get(id);
  }

  statuses(): McpStatus[] {
    return [...this.#servers.values()].map((server) => server.status());
  }

  /** Labels of containers that nobody may sweep. */
  heldContainers(): string[] {
    return [...this.#held];
  }

  hasContainers(): boolean {
    return [...this.#servers.values()].some(({ wish }) => wish.run.kind === "container");
  }

  denial(server: Server, tool: string, args: Readonly<Record<string, unknown>>): string | null {
    return this.#deps.denial(`${server.wish.name}/${tool}`, args);
  }

  /** Ends all of them within the time that an agent has for that. */
  async shutdown(): Promise<void> {
    clearTimeout(this.#telling);
    this.#hurry.abort();
    const ended = Promise.all([...this.#servers.values()].map((server) => server.leave()));
    await Promise.race([ended, sleep(SHUTDOWN_LIMIT_MS, undefined, { ref: false })]);
  }

  async #removeOthers(wanted: ReadonlySet<string>): Promise<void> {
    const { root } = this.#options;
    const there = await Promise.all([root.mcpDir, root.mcpStateDir].map((dir) => readdir(dir).catch(whenMissing)));
    for (const id of new Set(there.flatMap((names) => names ?? []))) {
      if (!wanted.has(id) && !this.#servers.has(id)) await removeServerFolders(root, id);
    }
  }

  #unlessFailed(what: string, work: Promise<void>): void {
    work.catch((error: unknown) => this.#options.log(`${what}: ${String(error)}`));
  }

  #onChange(id: string): void {
    this.#untold.add(id);
    this.#telling ??= setTimeout(() => this.#tell(), TELL_AFTER_MS).unref();
  }

  /** What cannot be told now is told with the next link. */
  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    for (const id of this.#untold) {
      const tools = this.#servers.get(id)?.status().tools ?? null;
      if (this.#send({ type: "agent.mcp_changed", server: id, tools })) this.#untold.delete(id);
    }
  }
}

function denialOf(
  policy: Policy | null,
  ceiling: Policy | null,
  tool: string,
  args: Readonly<Record<string, unknown>>,
): string | null {
  if (!policy) return "The control plane told this node no policy: then no tool is run.";
  const { decision, because } = judge(policy, ceiling, { tool, arguments: args });
  return decision === "deny" ? `This node does not allow the call: ${because}.` : null;
}

/** Asked first, so that our own programs take their containers along; killed after the grace. */
export async function endStrayServers(mcpDir: string): Promise<void> {
  for (const pid of await processesOfMcpServers(mcpDir)) signal(pid, "SIGTERM");
  for (const limitMs = Date.now() + STRAY_GRACE_MS; Date.now() < limitMs; await sleep(POLL_MS)) {
    if ((await processesOfMcpServers(mcpDir)).length === 0) return;
  }
  for (const pid of await processesOfMcpServers(mcpDir)) signal(pid, "SIGKILL");
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!isErrno(error, "ESRCH") && !isErrno(error, "EPERM")) throw error;
  }
}

/** Somebody may have put a file there. */
function whenNoFolder(error: unknown): undefined {
  if (isErrno(error, "ENOTDIR")) return undefined;
  return whenMissing(error);
}
