/** One MCP server of this node: started when it is needed, ended when it is not, and what is known of it (SPEC MC1–MC3, MC5). */
import { randomBytes } from "node:crypto";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import { sortedJson } from "@roundhouse/protocol/json";
import type { DesiredMcpServer, McpHttp, McpListing, McpStatus } from "@roundhouse/protocol/mcp";
import { digestOfTools, type McpToolDefinition } from "@roundhouse/protocol/mcp-definition";
import type { ControlSecrets } from "@roundhouse/protocol/messages";
import { makeRedactor } from "@roundhouse/protocol/redact";
import { plainVariables } from "@roundhouse/protocol/variables";
import type * as z from "zod";
import { closeFolder, giveFolder } from "../blueprints/folders.ts";
import { type AppUser, LaunchError } from "../blueprints/runtime.ts";
import type { DataRoot } from "../host/data-root.ts";
import { removeFolder } from "../instances/removal.ts";
import { removeTree } from "../files/unlock.ts";
import { type Channel, McpProblem } from "./channel.ts";
import { openCommand } from "./channels/command.ts";
import { type ContainerWays, openContainer } from "./channels/container.ts";
import type { Opening } from "./channels/opening.ts";
import { openSse } from "./channels/sse.ts";
import type { Gateway, GatewayDeps, Target } from "./gateway.ts";
import { foldersOf, ServerLog } from "./log.ts";
import { ServerSecrets } from "./secrets.ts";
import { Condition } from "./condition.ts";

export type ServerDeps = {
  root: DataRoot;
  /** The apps' user; null: the agent's own. */
  user: AppUser | null;
  createGateway: (deps: GatewayDeps) => Gateway;
  containers: ContainerWays;
  /** Asks the control plane for the values of its secrets; false where nobody can be asked now. */
  needSecrets: (id: string) => boolean;
  /** Why policy and ceiling deny a call of `<server>/<tool>`; null: they do not. */
  denial: (tool: string, args: Readonly<Record<string, unknown>>) => string | null;
  /** Its state or its tools are others than they were. */
  onChange: (id: string) => void;
  log: (line: string) => void;
  /** Aborted when the agent has no time left. */
  hurry: AbortSignal;
  secretsLimitMs?: number;
};

/** From the first request to the end: what a stop, another wish, or idleness ends as a whole. */
type Life = { gateway: Gateway } & Rest;
type Rest = { ending: AbortController; channels: Set<Channel> };

const OPEN_MODE = 0o755;
const PRIVATE_MODE = 0o700;
const LOOPBACK = "127.0.0.1";
const MS_PER_MINUTE = 60_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Headers of `http` have no start: their secrets are asked for again after so long. */
const HEADERS_FRESH_MS = 60_000;

export class Server {
  readonly id: string;
  readonly #deps: ServerDeps;
  readonly #folders: ReturnType<typeof foldersOf>;
  readonly #log: ServerLog;
  readonly #secrets: ServerSecrets;
  readonly #condition: Condition;
  #wish: DesiredMcpServer;
  #life: Life | undefined;
  #requests = 0;
  /** How often a server without channels was about to be asked. */
  #asked = 0;
  #idle: NodeJS.Timeout | undefined;
  #tools: { definitions: readonly McpToolDefinition[]; digest: string } | null = null;
  /** Seen so far. */
  #lists = 0;
  #about: Pick<McpListing, "serverName" | "serverVersion" | "instructions"> | null = null;
  #headers: { values: Promise<Record<string, string>>; untilMs: number } | undefined;
  #isGone = false;

  constructor(wish: DesiredMcpServer, deps: ServerDeps) {
    this.id = wish.id;
    this.#wish = wish;
    this.#deps = deps;
    this.#folders = foldersOf(deps.root, wish.id);
    this.#log = new ServerLog(this.#folders.logDir, (error) => deps.log(`log of ${wish.name}: ${String(error)}`));
    this.#secrets = new ServerSecrets(() => deps.needSecrets(wish.id), deps.secretsLimitMs);
    this.#condition = new Condition(() => deps.onChange(wish.id));
  }

  get wish(): DesiredMcpServer {
    return this.#wish;
  }

  get logDir(): string {
    return this.#folders.logDir;
  }

  status(): McpStatus {
    const sessions = this.#life?.gateway.sessions() ?? 0;
    return { id: this.id, ...this.#condition.show(), sessions, tools: this.#tools?.digest ?? null };
  }

  /** Has it list its tools. Throws what the gateway throws. */
  async list(signal: AbortSignal): Promise<McpListing> {
    const listing = await this.use((gateway) => gateway.list(signal));
    const { serverName, serverVersion, instructions } = listing;
    this.#about = { serverName, serverVersion, instructions };
    return listing;
  }

  /** The tools that went by last, whoever asked for them; null: none did yet. */
  seen(): McpListing | null {
    if (!this.#tools) return null;
    const { definitions, digest } = this.#tools;
    const about = this.#about ?? { serverName: null, serverVersion: null, instructions: null };
    return { tools: [...definitions], digest, ...about };
  }

  /** Pins take effect with the next message; another way to run it ends it (SPEC MC1). */
  apply(wish: DesiredMcpServer): void {
    const isOther = sortedJson([wish.run, wish.env]) !== sortedJson([this.#wish.run, this.#wish.env]);
    this.#wish = wish;
    this.#secrets.askAgain();
    if (!isOther) return this.#armIdle();
    this.#lists += 1;
    this.#tools = null;
    this.#about = null;
    this.#headers = undefined;
    this.stop().catch((error: unknown) => this.#deps.log(`${wish.name} could not be ended: ${String(error)}`));
    this.#deps.onChange(this.id);
  }

  provideSecrets(told: ControlSecrets): void {
    this.#secrets.arrived(told);
  }

  /** Takes the values of its secrets out of a text. */
  redact(text: string): string {
    return makeRedactor(this.#secrets.known())(text);
  }

  /** Whatever is asked of it: it is started if need be, and is not idle meanwhile. Throws what the gateway throws. */
  async use<T>(act: (gateway: Gateway) => Promise<T>): Promise<T> {
    if (this.#isGone) throw new McpProblem("This server is being removed.");
    const { gateway, ending } = (this.#life ??= this.#begin());
    this.#requests += 1;
    const askedBefore = this.#asked;
    try {
      const answer = await act(gateway);
      // What the gateway answered by itself says nothing of the server.
      if (isStreamable(this.#wish) && this.#asked > askedBefore) this.#condition.answered();
      return answer;
    } catch (error) {
      // What was ended on purpose has not failed.
      if (error instanceof McpProblem && !ending.signal.aborted) this.#condition.failed(error);
      throw error;
    } finally {
      this.#requests -= 1;
      this.#armIdle();
    }
  }

  /** Ends all of it; the next request starts it anew. */
  async stop(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    clearTimeout(this.#idle);
    this.#headers = undefined;
    if (life) {
      life.ending.abort();
      await life.gateway.close();
      await Promise.all([...life.channels].map((channel) => channel.close()));
    }
    if (this.#life === undefined) this.#condition.ended();
  }

  async remove(): Promise<void> {
    await this.leave();
    await removeServerFolders(this.#deps.root, this.id);
  }

  /** The agent ends. */
  async leave(): Promise<void> {
    this.#isGone = true;
    await this.stop();
    await this.#log.close();
  }

  #begin(): Life {
    const rest: Rest = { ending: new AbortController(), channels: new Set() };
    const gateway = this.#deps.createGateway({
      id: this.id,
      target: this.#target(rest),
      pins: () => this.#wish.pins,
      denial: (tool, args) => this.#deps.denial(`${this.#wish.name}/${tool}`, args),
      onTools: (definitions) => this.#onTools(rest, definitions),
      note: this.#note,
    });
    return { gateway, ...rest };
  }

  #target(rest: Rest): Target {
    const { run } = this.#wish;
    if (run.kind === "http" && run.transport === "streamable") {
      const headers = (): Promise<Record<string, string>> => {
        this.#asked += 1;
        return this.#headersOf(run);
      };
      return { kind: "http", url: urlOf(run), headers };
    }
    return { kind: "channel", open: () => this.#open(rest) };
  }

  async #open(life: Rest): Promise<Channel> {
    this.#condition.opening("starting");
    try {
      const { channel, values } = await this.#openChannel(life.ending.signal);
      if (life.ending.signal.aborted) {
        await channel.close();
        throw new McpProblem("It was ended while it was being started.");
      }
      this.#secrets.liveWith(values, channel.over);
      return this.#watch(life, channel);
    } catch (error) {
      const problem = toMcpProblem(error);
      if (!life.ending.signal.aborted) this.#condition.failed(problem);
      throw problem;
    } finally {
      this.#condition.opened();
    }
  }

  /** With the values of the secrets that it has. */
  async #openChannel(ending: AbortSignal): Promise<{ channel: Channel; values: readonly string[] }> {
    const { run, env } = this.#wish;
    if (run.kind === "http") {
      const headers = await this.#headersOf(run);
      const values = this.#secrets.known();
      return { channel: await openSse({ url: urlOf(run), headers, note: this.#note }), values };
    }
    const tell = (doing: string): void => this.#condition.doing(doing);
    if (env.some(({ secret }) => secret !== undefined)) tell("waiting for the values of its secrets");
    const secrets = await this.#secrets.variables(env);
    await this.#makeFolders();
    const values = Object.values(secrets);
    const opening: Opening = {
      ...{
        root: this.#deps.root,
        user: this.#deps.user,
        folders: this.#folders,
        hurry: this.#deps.hurry,
        tell,
        secrets,
      },
      name: `${this.#folders.own}:${randomBytes(6).toString("hex")}`,
      variables: plainVariables(env),
      log: this.#log.channel(values),
      redact: makeRedactor(values),
      ending,
    };
    switch (run.kind) {
      case "command":
        return { channel: await openCommand(run, opening), values };
      case "container":
        return { channel: await openContainer(run, opening, this.#deps.containers), values };
      default:
        return unreachable(run);
    }
  }

  readonly #note = (text: string): void => void this.#log.channel([]).note(this.redact(text));

  async #makeFolders(): Promise<void> {
    const { own, homeDir, tmpDir } = this.#folders;
    // A container may leave programs there that run as root: that kind never changes (SPEC MC1).
    if (this.#wish.run.kind === "container") await closeFolder(own);
    else await giveFolder(own, OPEN_MODE, this.#deps.user);
    for (const dir of [homeDir, tmpDir]) await giveFolder(dir, PRIVATE_MODE, this.#deps.user);
  }

  /** The gateway's channel, with an eye on whether it answers and how it ends. */
  #watch(life: Rest, channel: Channel): Channel {
    const { name } = this.#wish;
    const seen = this.#condition.channel();
    let isClosing = false;
    const watched: Channel = {
      send: (message) => channel.send(message),
      listen: (take) =>
        channel.listen((message) => {
          if ("result" in message) seen.answered();
          take(message);
        }),
      over: channel.over,
      close: () => {
        isClosing = true;
        return channel.close();
      },
    };
    life.channels.add(watched);
    void channel.over.then((why) => {
      life.channels.delete(watched);
      const byItself = !isClosing && !life.ending.signal.aborted && !this.#deps.hurry.aborted;
      seen.over(byItself ? { message: why, hint: "Its log says more." } : null);
      if (byItself) this.#deps.log(`the MCP server ${name}: ${why}`);
    });
    return watched;
  }

  #headersOf(run: z.infer<typeof McpHttp>): Promise<Record<string, string>> {
    if (this.#headers && Date.now() < this.#headers.untilMs) return this.#headers.values;
    const values = this.#readHeaders(run);
    const headers = { values, untilMs: Date.now() + HEADERS_FRESH_MS };
    this.#headers = headers;
    values.catch(() => {
      if (this.#headers === headers) this.#headers = undefined;
    });
    return values;
  }

  async #readHeaders(run: z.infer<typeof McpHttp>): Promise<Record<string, string>> {
    const { env } = this.#wish;
    const variables = { ...plainVariables(env), ...(await this.#secrets.variables(env)) };
    return Object.fromEntries(
      Object.entries(run.headers).map(([header, variable]) => [header, headerValue(header, variable, variables)]),
    );
  }

  /** What an ended life still hears says nothing of this one, and of several lists the last counts. */
  #onTools(life: Rest, definitions: readonly McpToolDefinition[]): void {
    if (life.ending.signal.aborted) return;
    const count = (this.#lists += 1);
    digestOfTools(definitions)
      .then((digest) => {
        if (count !== this.#lists || digest === this.#tools?.digest) return;
        this.#tools = { definitions, digest };
        this.#deps.onChange(this.id);
      })
      .catch((error: unknown) => this.#deps.log(`tools of ${this.#wish.name}: ${String(error)}`));
  }

  /** Counts from now. What is under way then gets as long again. */
  #armIdle(): void {
    clearTimeout(this.#idle);
    const { idleMinutes, run } = this.#wish;
    const life = this.#life;
    if (!life || idleMinutes === null || run.kind === "http") return;
    const afterMs = Math.min(idleMinutes * MS_PER_MINUTE, MAX_TIMER_MS);
    this.#idle = setTimeout(() => {
      if (this.#requests > 0 || life.gateway.isBusy()) return this.#armIdle();
      this.stop().catch((error: unknown) => this.#deps.log(`${this.#wish.name} could not be ended: ${String(error)}`));
    }, afterMs).unref();
  }
}

/** What it wrote, and what the agent kept of it. Safe to repeat, and for what is not there. */
export async function removeServerFolders(root: DataRoot, id: string): Promise<void> {
  const { own, stateDir } = foldersOf(root, id);
  await removeFolder(own, stateDir);
  await removeTree(stateDir);
}

function urlOf({ port, path }: z.infer<typeof McpHttp>): URL {
  return new URL(`http://${LOOPBACK}:${port}${path}`);
}

/** It has no channels that could tell how it is. */
function isStreamable({ run }: DesiredMcpServer): boolean {
  return run.kind === "http" && run.transport === "streamable";
}

function headerValue(header: string, variable: string, variables: Readonly<Record<string, string>>): string {
  const value = variables[variable];
  if (value === undefined) {
    throw new McpProblem(`The header ${header} is to be the variable ${variable}, which the server does not have.`, {
      hint: "Add the variable to its environment, or take the header away.",
    });
  }
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new McpProblem(`The variable ${variable} holds what no header can, such as the end of a line.`, {
    hint: `See to its value: it is sent as ${header}.`,
  });
}

function toMcpProblem(error: unknown): McpProblem {
  if (error instanceof McpProblem) return error;
  if (error instanceof LaunchError) {
    return new McpProblem(sentence(error.message), { ...(error.hint && { hint: error.hint }), cause: error });
  }
  const words = error instanceof Error ? error.message : String(error);
  return new McpProblem(`The node could not start it: ${words}.`, { cause: error });
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
