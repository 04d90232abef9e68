/** The node's row in D1 as its hub keeps it (link state, facts, unknown instances), and the word to dashboards that it changed. */
import type { FeedEvent } from "@roundhouse/protocol/events";
import type { Facts } from "@roundhouse/protocol/facts";
import type { UnknownInstance } from "@roundhouse/protocol/instance";
import type { UnknownCounts } from "@roundhouse/protocol/unknown";
import { openDatabase } from "../../db/database.ts";
import type { Env } from "../../env.ts";
import { setFacts, setLinkState, setUnknown, setUnknownCounts } from "../../services/node/link.ts";
import { liveFeed } from "../../services/objects.ts";
import { runAgain } from "../run-again.ts";

export type RecordDeps = {
  env: Env;
  nodeId(): string;
  isOnline(): boolean;
  /** The node's platform has a rule about app URLs that nobody has confirmed yet (SPEC AC8). */
  onAppsForbidden(): void;
};

export class NodeRecord {
  readonly #deps: RecordDeps;
  #seenAt = 0;
  #unknown: { latest: UnknownInstance[]; written: string } = { latest: [], written: "" };
  // Each writes what is true when it runs, so that the last write is right however messages and closes interleave.
  readonly #writeLink = runAgain(() => this.#writeLinkNow());
  readonly #writeUnknown = runAgain(() => this.#writeUnknownNow());

  constructor(deps: RecordDeps) {
    this.#deps = deps;
  }

  /** The link came or went; `seenAt` (Unix ms) is when the agent was last heard of. */
  async linkChanged(seenAt: number): Promise<void> {
    this.#seenAt = seenAt;
    await this.#writeLink();
    await this.publish();
  }

  /** Something about the link that a person must know. */
  async notice(notice: string, seenAt: number): Promise<void> {
    await setLinkState(this.#db(), this.#deps.nodeId(), {
      online: this.#deps.isOnline(),
      at: new Date(seenAt),
      notice,
    });
    await this.publish();
  }

  async facts(facts: Facts, agentVersion: string): Promise<void> {
    const { appUrls } = await setFacts(this.#db(), this.#deps.nodeId(), { facts, agentVersion });
    if (!appUrls.allowed) this.#deps.onAppsForbidden();
    await this.publish();
  }

  async unknown(latest: UnknownInstance[]): Promise<void> {
    this.#unknown.latest = latest;
    if (JSON.stringify(latest) === this.#unknown.written) return;
    await this.#writeUnknown();
    await this.publish();
  }

  async unknownCounts(counts: UnknownCounts): Promise<void> {
    await setUnknownCounts(this.#db(), this.#deps.nodeId(), counts);
  }

  /** A lost event costs a late refresh, never the change itself. */
  async publish(
    events: FeedEvent[] = [{ type: "feed.changed", entity: "node", id: this.#deps.nodeId() }],
  ): Promise<void> {
    try {
      await liveFeed(this.#deps.env).publish(events);
    } catch (error) {
      console.error(`node ${this.#deps.nodeId()}: live feed not reached:`, error);
    }
  }

  /** A hello that went live answers every earlier notice. */
  async #writeLinkNow(): Promise<void> {
    const online = this.#deps.isOnline();
    const notice = online ? null : undefined;
    await setLinkState(this.#db(), this.#deps.nodeId(), { online, at: new Date(this.#seenAt), notice });
  }

  async #writeUnknownNow(): Promise<void> {
    const { latest } = this.#unknown;
    await setUnknown(this.#db(), this.#deps.nodeId(), latest);
    this.#unknown.written = JSON.stringify(latest);
  }

  #db() {
    return openDatabase(this.#deps.env.DB);
  }
}
