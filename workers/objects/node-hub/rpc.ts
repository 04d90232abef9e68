/** What the rest of the control plane may ask of a node's hub. Types only. */

/** Who an open stream, socket or grant belongs to; revoking any of the ids ends it (SPEC AC6). */
export type Holder = {
  userId: string | null;
  sessionId: string | null;
  keyId: string | null;
  /** The share link it came by. `userId` and `keyId` are then its maker's. */
  shareId: string | null;
  /** When the session, key or share ends (Unix ms): nothing opened with it lives longer. null: it does not end by itself. */
  expiresAt: number | null;
};

export type TicketInput = Holder & {
  instanceId: string;
  /** The first label of the host it opens: the slug, and behind `--` the port where it is not the main one. Or all of a host name of the app's own. */
  slug: string;
  /** Path and query to land on, starting with `/`. */
  path: string;
};

/** The grant that everybody who follows a share's link gets; only the hash of its secret comes here. */
export type ShareInput = {
  shareId: string;
  instanceId: string;
  slug: string;
  userId: string | null;
  keyId: string | null;
  expiresAt: number;
  secretHash: string;
};

/** Any holder id that matches is revoked; `instanceId` ends everything of one instance, `apps` of every one. */
export type RevokeSelector =
  | { by: "user"; userId: string }
  | { by: "session"; sessionId: string }
  | { by: "key"; keyId: string }
  | { by: "share"; shareId: string }
  | { by: "instance"; instanceId: string }
  | { by: "apps" };

export type NodeHubRpc = {
  /** D1 changed for this node: read it again, end what was opened where apps no longer are, and tell the agent. */
  poke(): Promise<void>;
  /** Looks at the last heartbeat now, and keeps looking while somebody watches (a lease of 60 s). */
  checkLink(): Promise<{ online: boolean; lastSeenAt: string | null }>;
  /** A one-use ticket for an app URL, valid for a minute. */
  issueTicket(input: TicketInput): Promise<string>;
  /** Lets a share's grant in, until it expires. Again and again is the same as once. */
  admitShare(input: ShareInput): Promise<void>;
  /** Ends matching grants, tickets, streams and sockets. */
  revoke(selector: RevokeSelector): Promise<void>;
  /** Asks the agent to leave and to dial again (SPEC DR1–DR3). False when it is not connected. */
  drain(reconnectAfterMs: number, graceMs: number): Promise<boolean>;
  /** The node was removed: closes the link for good and forgets everything. */
  remove(): Promise<void>;
};
