/** What the rest of the control plane may ask of a node's hub. Types only. */

/** Who an open stream, socket or grant belongs to; revoking any of the ids ends it (SPEC AC6). */
export type Holder = { userId: string | null; sessionId: string | null; keyId: string | null };

export type TicketInput = Holder & {
  instanceId: string;
  slug: string;
  /** Path and query to land on, starting with `/`. */
  path: string;
};

/** Any holder id that matches is revoked; `instanceId` ends everything of one instance, `apps` of every one. */
export type RevokeSelector =
  | { by: "user"; userId: string }
  | { by: "session"; sessionId: string }
  | { by: "key"; keyId: string }
  | { by: "instance"; instanceId: string }
  | { by: "apps" };

export type NodeHubRpc = {
  /** D1 changed for this node: read it again and tell the agent. */
  poke(): Promise<void>;
  /** Looks at the last heartbeat now, and keeps looking while somebody watches (a lease of 60 s). */
  checkLink(): Promise<{ online: boolean; lastSeenAt: string | null }>;
  /** A one-use ticket for an app URL, valid for a minute. */
  issueTicket(input: TicketInput): Promise<string>;
  /** Ends matching grants, tickets, streams and sockets. */
  revoke(selector: RevokeSelector): Promise<void>;
  /** Asks the agent to leave and to dial again (SPEC DR1–DR3). False when it is not connected. */
  drain(reconnectAfterMs: number, graceMs: number): Promise<boolean>;
  /** The node was removed: closes the link for good and forgets everything. */
  remove(): Promise<void>;
};
