/** NodeHub: one per node, the place where everyone who wants the node meets it. Wiring only. */
import { Server } from "partyserver";
import type { Env } from "../../env.ts";
import type { NodeHubRpc, RevokeSelector, TicketInput } from "./rpc.ts";

export class NodeHub extends Server<Env> implements NodeHubRpc {
  static override options = { hibernate: true };

  async poke(): Promise<void> {}

  async checkLink(): Promise<{ online: boolean; lastSeenAt: string | null }> {
    return { online: false, lastSeenAt: null };
  }

  async issueTicket(_input: TicketInput): Promise<string> {
    return "";
  }

  async revoke(_selector: RevokeSelector): Promise<void> {}

  async remove(): Promise<void> {}
}
