/** NodeHub: one per node, the place where everyone who wants the node meets it. Wiring only. */
import { type Connection, type ConnectionContext, Server, type WSMessage } from "partyserver";
import { decodeFrame, FrameError } from "@roundhouse/protocol/frames";
import { DEFAULT_TUNING, HEARTBEAT_PING, HEARTBEAT_PONG } from "@roundhouse/protocol/limits";
import type { AgentHello } from "@roundhouse/protocol/messages";
import type { UnknownKind } from "@roundhouse/protocol/unknown";
import { openDatabase } from "../../db/database.ts";
import type { Env } from "../../env.ts";
import { namesOf } from "../../hosts.ts";
import { readDesired } from "../../services/instance/desired.ts";
import { readAddresses } from "../../services/instance/route.ts";
import { takeMcpHint } from "../../services/mcp-server/hint.ts";
import { isUpgrade } from "../../upgrade.ts";
import { AGENT_TAG, AgentLink, stateOf } from "./agent-link.ts";
import { withoutOurs } from "./app-headers.ts";
import { answerAppRequest, answerTicketSwap, type AppRequestDeps, drainingAnswer, hubAnswer } from "./app-request.ts";
import { CLIENT_TAG, holderOf, offeredState, openClientSocket } from "./client-socket.ts";
import { ClientSockets, messageOf } from "./client-sockets.ts";
import { flushObserved } from "./flush.ts";
import { Grants } from "./grants.ts";
import { StreamFault } from "./http-stream.ts";
import { handleAgentText, type LinkDeps, type LinkState } from "./link.ts";
import { type LinkAnswer, LinkWatch } from "./link-watch.ts";
import { Observed } from "./observed.ts";
import { NodeRecord } from "./record.ts";
import { reportHandlers } from "./reports.ts";
import type { NodeHubRpc, RevokeSelector, ShareInput, TicketInput } from "./rpc.ts";
import { Schedule, type TaskName } from "./schedule.ts";
import type { SocketState } from "./socket-stream.ts";
import { bumpCounter, createTables } from "./storage.ts";
import { UnknownWords } from "./unknown.ts";
import { StreamIds } from "./stream-ids.ts";
import { type Passage, StreamTable } from "./streams.ts";
import { runAgain } from "../run-again.ts";
import { Watch } from "./watch.ts";
import { HUB_ORIGIN } from "./wire.ts";

const tuning = DEFAULT_TUNING;
const FLUSH_DELAY_MS = 100;
const FLUSH_RETRY_MS = 2_000;
/** Counts are for metrics: late is soon enough. */
const COUNTS_DELAY_MS = 60_000;
type AnyState = LinkState | SocketState;

export class NodeHub extends Server<Env> implements NodeHubRpc {
  static override options = { hibernate: true };

  readonly #publicUrl: URL;
  readonly #sql: SqlStorage;
  #grants: Grants;
  #observed: Observed;
  readonly #schedule: Schedule;
  readonly #link: AgentLink;
  readonly #record: NodeRecord;
  readonly #watch: LinkWatch;
  readonly #streamIds: StreamIds;
  readonly #unknown: UnknownWords;
  #streams: StreamTable | undefined;
  readonly #clients = new ClientSockets();
  readonly #sendDesired = runAgain(() => this.#readAndSendDesired());
  readonly #endMoved = runAgain(() => this.#endWhereAppsMoved());

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#publicUrl = new URL(env.PUBLIC_URL);
    this.#sql = ctx.storage.sql;
    createTables(this.#sql);
    this.#grants = this.#makeGrants();
    this.#observed = new Observed(this.#sql);
    this.#schedule = new Schedule({
      sql: this.#sql,
      setAlarm: (at) => ctx.storage.setAlarm(at),
      deleteAlarm: () => ctx.storage.deleteAlarm(),
    });
    this.#link = new AgentLink({
      tuning,
      connections: () => this.getConnections<LinkState>(AGENT_TAG),
      lastPingAt: (connection) => ctx.getWebSocketAutoResponseTimestamp(connection)?.getTime() ?? null,
      now: Date.now,
    });
    this.#watch = new LinkWatch({
      link: this.#link,
      watch: new Watch(tuning),
      isBusy: () => this.#streamTable().size > 0,
      lookBy: (at) => this.#schedule.setNoLaterThan("watch", at),
      onLost: (seenAt) => this.#onLinkGone(seenAt),
      now: Date.now,
    });
    this.#record = new NodeRecord({
      env,
      nodeId: () => this.name,
      isOnline: () => this.#link.live() !== undefined,
      onAppsForbidden: () => this.#revoke({ by: "apps" }),
    });
    this.#unknown = new UnknownWords(this.#sql);
    this.#streamIds = new StreamIds((count) => bumpCounter(this.#sql, "streams", count));
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(HEARTBEAT_PING, HEARTBEAT_PONG));
    // An idle node's hub sleeps (SPEC HB3): each of these lines costs money.
    console.debug(`hub of ${ctx.id.name} awake`);
  }

  // ── what the rest of the control plane asks (rpc.ts) ──

  async poke(): Promise<void> {
    await this.#endMoved();
    await this.#sendDesired();
  }

  async checkLink(): Promise<LinkAnswer> {
    return this.#watch.ask();
  }

  async issueTicket(input: TicketInput): Promise<string> {
    return `${this.name}.${await this.#grants.issueTicket(input, Date.now())}`;
  }

  async admitShare(input: ShareInput): Promise<void> {
    await this.#grants.admitShare(input);
  }

  async revoke(selector: RevokeSelector): Promise<void> {
    this.#revoke(selector);
  }

  async drain(reconnectAfterMs: number, graceMs: number): Promise<boolean> {
    return this.#link.drain(reconnectAfterMs, graceMs);
  }

  async remove(): Promise<void> {
    this.#streamTable().failAll("the node was removed");
    for (const connection of this.getConnections<LinkState>(AGENT_TAG)) this.#link.socket(connection).close("removed");
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    createTables(this.#sql);
    this.#grants = this.#makeGrants();
    this.#observed = new Observed(this.#sql);
  }

  // ── requests: /link, /app…, /ticket, /agent… (all made by the Worker, never by a client itself) ──

  override async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.origin !== HUB_ORIGIN) return this.#answerApp(request, url);
    if (url.pathname === "/link") return super.fetch(request);
    if (url.pathname === "/ticket") return answerTicketSwap(this.#grants, request, Date.now());
    await this.#watch.refresh((work) => this.ctx.waitUntil(work));
    return this.#carry({
      request,
      path: request.url.slice(`${HUB_ORIGIN}/agent`.length),
      target: { to: "agent" },
      headers: withoutOurs(request.headers),
      answerHeaders: withoutOurs,
      holder: holderOf(request),
    });
  }

  async #answerApp(request: Request, url: URL): Promise<Response> {
    await this.#watch.refresh((work) => this.ctx.waitUntil(work));
    const deps: AppRequestDeps = {
      grants: this.#grants,
      publicUrl: this.#publicUrl,
      appsSuffix: namesOf(this.env.PUBLIC_URL, this.env.APPS_DOMAIN).appsSuffix,
      online: this.#link.live() !== undefined,
      observed: (id) => this.#observed.get(id),
      now: Date.now,
      carry: (passage) => this.#carry(passage),
    };
    return answerAppRequest(deps, request, url);
  }

  async #carry(passage: Passage): Promise<Response> {
    const backInMs = this.#link.backInMs();
    if (backInMs !== undefined) return drainingAnswer(backInMs);
    const streams = this.#streamTable();
    // What a grant opens ends with the grant; its end is planned already.
    const { grantId, expiresAt } = passage.holder;
    if (grantId === null && expiresAt !== null) await this.#sweepBy(expiresAt);
    try {
      if (isUpgrade(passage.request)) {
        const accept = (accepted: Request) => super.fetch(accepted);
        return await openClientSocket({ streams, initialWindowBytes: tuning.initialWindowBytes, accept }, passage);
      }
      return await streams.fetch(passage);
    } catch (error) {
      if (!(error instanceof StreamFault)) throw error;
      return hubAnswer(`fault ${error.code}`, error.code === "link_lost" ? 503 : 502, { message: error.message });
    }
  }

  // ── sockets ──

  override getConnectionTags(_connection: Connection, { request }: ConnectionContext): string[] {
    return [new URL(request.url).pathname === "/link" ? AGENT_TAG : CLIENT_TAG];
  }

  override async onConnect(connection: Connection<AnyState>, { request }: ConnectionContext): Promise<void> {
    const state = offeredState(request);
    if (state) return this.#clients.join(this.#streamTable(), connection as Connection<SocketState>, state);
    connection.setState({ role: "agent", phase: "pending", connectedAt: Date.now() });
    await this.#schedule.setNoLaterThan("hello", Date.now() + tuning.helloTimeoutMs);
  }

  /** Sockets that this object's memory knows take the short way: the library reads an attachment anew for each message. */
  override async webSocketMessage(socket: WebSocket, message: WSMessage): Promise<void> {
    const client = this.#clients.streamOf(socket);
    if (client) return client.onClientMessage(messageOf(message));
    if (this.#link.isLive(socket)) return this.#onAgentMessage(socket, message);
    return super.webSocketMessage(socket, message);
  }

  override async onMessage(connection: Connection<AnyState>, message: WSMessage): Promise<void> {
    if (!connection.tags.includes(CLIENT_TAG)) {
      return this.#onAgentMessage(connection as Connection<LinkState>, message);
    }
    this.#streamTable();
    const client = this.#clients.streamOf(connection);
    if (client) client.onClientMessage(messageOf(message));
    else connection.close(1011, "this socket's stream is gone");
  }

  async #onAgentMessage(agent: Connection<LinkState>, message: WSMessage): Promise<void> {
    // What was under way on a socket that we closed.
    if (stateOf(agent).phase === "ended") return;
    const before = this.#link.live();
    try {
      if (typeof message === "string") await handleAgentText(this.#linkDeps(), this.#link.socket(agent), message);
      else this.#onAgentFrame(agent, message);
    } catch (error) {
      console.error(`node ${this.name}: a message of the agent failed:`, error);
      this.#link.fail(agent);
    }
    if (before && !this.#link.live()) await this.#onLinkGone();
  }

  override async onClose(connection: Connection<AnyState>, code: number, reason: string): Promise<void> {
    if (connection.tags.includes(CLIENT_TAG)) {
      this.#streamTable();
      return this.#clients.streamOf(connection)?.onClientClose(code, reason);
    }
    if (stateOf(connection as Connection<LinkState>).phase === "live") await this.#onLinkGone();
  }

  override async onError(connection: Connection<AnyState>, error: unknown): Promise<void> {
    console.warn(`node ${this.name}: socket error: ${error instanceof Error ? error.message : String(error)}`);
    await this.onClose(connection, 1006, "socket error");
  }

  #onAgentFrame(connection: Connection<LinkState>, message: Exclude<WSMessage, string>): void {
    if (stateOf(connection).phase !== "live") return this.#link.socket(connection).close("helloExpected");
    try {
      this.#streamTable().dispatch(decodeFrame(bytesOf(message)));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      if (error.code === "unknown_type") return this.#onUnknown("frame", 1);
      console.warn(`node ${this.name}: malformed frame (${error.code}): ${error.message}`);
      this.#link.socket(connection).close("malformed");
    }
  }

  // ── the link ──

  #linkDeps(): LinkDeps {
    return reportHandlers({
      nodeId: this.name,
      db: openDatabase(this.env.DB),
      keys: this.env,
      link: this.#link,
      record: this.#record,
      observed: this.#observed,
      tuning,
      flushSoon: () => this.#schedule.setNoLaterThan("flush", Date.now() + FLUSH_DELAY_MS),
      onLive: (hello) => this.#onLive(hello),
      onMcpChanged: (message) => this.ctx.waitUntil(takeMcpHint(this.env, this.name, message)),
      onUnknown: (kind, count) => this.#onUnknown(kind, count),
    });
  }

  #onUnknown(kind: UnknownKind, count: number): void {
    this.#unknown.count(kind, count);
    void this.#schedule.setNoLaterThan("counts", Date.now() + COUNTS_DELAY_MS);
  }

  async #onLive(hello: AgentHello): Promise<void> {
    this.#streamTable().failAll("the node connected again");
    this.#observed.restate(hello.instances);
    await this.#record.facts(hello.facts, hello.agentVersion);
    await this.#record.unknown(hello.unknown);
    await this.#record.linkChanged(Date.now());
    await this.#flush();
    await this.#endMoved();
    await this.#sendDesired();
    await this.#watch.goOn();
  }

  async #onLinkGone(seenAt = Date.now()): Promise<void> {
    this.#streamTable().failAll("the node's link was lost");
    try {
      await this.#record.linkChanged(seenAt);
    } catch (error) {
      // Whoever believes the row asks the hub first.
      console.error(`node ${this.name}: the loss of its link could not be written:`, error);
    }
  }

  async #readAndSendDesired(): Promise<void> {
    if (!this.#link.live()) return;
    const desired = await readDesired(openDatabase(this.env.DB), this.name);
    this.#link.sendMessage({ type: "control.desired", ...desired });
  }

  /** What was opened at an origin that its app no longer has ends there. */
  async #endWhereAppsMoved(): Promise<void> {
    if (this.#grants.isEmpty()) return;
    const moved = this.#grants.dropMoved(await readAddresses(openDatabase(this.env.DB), this.name));
    if (moved.size > 0) this.#streamTable().endGrants(moved);
  }

  // ── later ──

  override async onAlarm(): Promise<void> {
    for (const task of await this.#schedule.takeDue(Date.now())) await this.#runTask(task);
  }

  async #runTask(task: TaskName): Promise<void> {
    try {
      if (task === "flush") await this.#flush();
      else if (task === "watch") await this.#watch.look();
      else if (task === "counts") await this.#record.unknownCounts(this.#unknown.totals());
      else await this.#tidy(task);
    } catch (error) {
      // An alarm that throws is retried a few times and then lost; a row of ours is not.
      console.error(`node ${this.name}: ${task} failed:`, error);
      await this.#schedule.setNoLaterThan(task, Date.now() + FLUSH_RETRY_MS);
    }
  }

  async #flush(): Promise<void> {
    const { changed, reread } = await flushObserved(this.env, this.#sql, this.name, this.#observed);
    if (reread) await this.#sendDesired();
    if (changed.length === 0) return;
    await this.#record.publish(changed.map((id) => ({ type: "feed.changed", entity: "instance", id })));
  }

  /** Ends sockets that said no hello, and what expired; comes again only while there is something left to end. */
  async #tidy(task: "hello" | "sweep"): Promise<void> {
    if (task === "hello") {
      const nextAt = this.#link.endOverdue(tuning.helloTimeoutMs);
      if (nextAt !== undefined) await this.#schedule.setNoLaterThan(task, nextAt);
      return;
    }
    const now = Date.now();
    const dueAt = [this.#streamTable().endExpired(now), this.#grants.sweep(now)].filter((at) => at !== undefined);
    if (dueAt.length > 0) await this.#sweepBy(Math.min(...dueAt));
  }

  #makeGrants(): Grants {
    return new Grants({ sql: this.#sql, sweepBy: (at) => this.#sweepBy(at) });
  }

  async #sweepBy(at: number): Promise<void> {
    await this.#schedule.setNoLaterThan("sweep", at);
  }

  // ── streams ──

  #revoke(selector: RevokeSelector): void {
    this.#grants.revoke(selector);
    this.#streamTable().revoke(selector);
  }

  #streamTable(): StreamTable {
    if (this.#streams) return this.#streams;
    const streams = new StreamTable({
      tuning,
      send: (frame) => this.#link.sendFrame(frame),
      nextStream: () => this.#streamIds.next(),
    });
    this.#streams = streams;
    this.#clients.resume(streams, this.getConnections<SocketState>(CLIENT_TAG));
    return streams;
  }
}

function bytesOf(message: Exclude<WSMessage, string>): Uint8Array {
  if (message instanceof ArrayBuffer) return new Uint8Array(message);
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
}
