/** Who may open which app: one-use tickets, the grants they are swapped for, and the grants of shares (SPEC AC1–AC10). */
import { isHostname } from "@roundhouse/protocol/hostname";
import { hashSecret, newId, newSecret } from "@roundhouse/protocol/ids";
import { parseAppLabel } from "@roundhouse/protocol/ports";
import type { Holder, RevokeSelector, ShareInput, TicketInput } from "./rpc.ts";

const TICKET_LIFETIME_MS = 60_000;
/** Tickets that nobody used are swept together. */
const SWEEP_INTERVAL_MS = 3600_000;
/** A grant outlives neither this nor the session or key it came from. */
const GRANT_LIFETIME_MS = 7 * 24 * 3600_000;

/** `slug` is the whole first label of its host, or all of a host name of the app's own, so that a grant of one port is none of another (SPEC PT1). */
export type Grant = Holder & {
  id: string;
  instanceId: string;
  slug: string;
  /** It was opened in a frame of another site, whose cookies are a jar of their own: it is shown there only. */
  framed: boolean;
  expiresAt: number;
};
export type ShownTicket = { ticket: string } & Pick<Grant, "slug" | "framed">;
export type SwappedTicket = { grant: Grant; secret: string; path: string };

type TicketRow = {
  instance_id: string;
  slug: string;
  path: string;
  user_id: string | null;
  session_id: string | null;
  key_id: string | null;
  holder_expires_at: number | null;
  expires_at: number;
};
type GrantRow = Omit<TicketRow, "path" | "holder_expires_at"> & { id: string; share_id: string | null; framed: number };

export type GrantDeps = {
  sql: SqlStorage;
  /** Has {@link Grants.sweep} called at `at` (Unix ms) at the latest. */
  sweepBy(at: number): Promise<void>;
};

export class Grants {
  readonly #sql: SqlStorage;
  readonly #deps: GrantDeps;
  /** Grants by secret, so that a busy app costs neither a hash nor a query a request. */
  readonly #known = new Map<string, Grant>();

  constructor(deps: GrantDeps) {
    this.#deps = deps;
    this.#sql = deps.sql;
  }

  async issueTicket(input: TicketInput, now: number): Promise<string> {
    const secret = newSecret("ticket");
    this.#sql.exec(
      `INSERT INTO tickets (hash, instance_id, slug, path, user_id, session_id, key_id, holder_expires_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      await hashSecret(secret),
      input.instanceId,
      input.slug,
      input.path,
      input.userId,
      input.sessionId,
      input.keyId,
      input.expiresAt,
      now + TICKET_LIFETIME_MS,
    );
    await this.#deps.sweepBy(now + SWEEP_INTERVAL_MS);
    return secret;
  }

  /** Swaps a ticket for a grant. Deleted and read in one statement, so that a ticket works once whoever races for it. */
  async swapTicket({ ticket, slug, framed }: ShownTicket, now: number): Promise<SwappedTicket | undefined> {
    const secret = newSecret("grant");
    // Before the ticket is taken: a revocation that came between the two would find neither ticket nor grant.
    const [hash, grantHash] = await Promise.all([hashSecret(ticket), hashSecret(secret)]);
    const [row] = this.#sql
      .exec<TicketRow>(`DELETE FROM tickets WHERE hash = ? AND slug = ? RETURNING *`, hash, slug)
      .toArray();
    if (!row || row.expires_at <= now) return undefined;
    const grant: Grant = {
      id: newId("grant"),
      instanceId: row.instance_id,
      slug: row.slug,
      framed,
      userId: row.user_id,
      sessionId: row.session_id,
      keyId: row.key_id,
      shareId: null,
      expiresAt: Math.min(now + GRANT_LIFETIME_MS, row.holder_expires_at ?? Number.POSITIVE_INFINITY),
    };
    await this.#insert(grant, grantHash);
    return { grant, secret, path: row.path };
  }

  async admitShare({ secretHash, ...share }: ShareInput): Promise<void> {
    await this.#insert({ id: newId("grant"), sessionId: null, framed: false, ...share }, secretHash);
  }

  /** The grant behind a cookie's secret, if it is for this slug and still valid. */
  async find(secret: string, slug: string, now: number): Promise<Grant | undefined> {
    const grant = this.#known.get(secret) ?? (await this.#load(secret));
    return grant && grant.expiresAt > now && grant.slug === slug ? grant : undefined;
  }

  /** Forgets matching grants and tickets. */
  revoke(selector: RevokeSelector): void {
    const [condition, ...values] = revokedRows(selector);
    this.#known.clear();
    // Tickets are given to people who are signed in, never to visitors with a share.
    if (selector.by !== "share") this.#sql.exec(`DELETE FROM tickets WHERE ${condition}`, ...values);
    this.#sql.exec(`DELETE FROM grants WHERE ${condition}`, ...values);
  }

  isEmpty(): boolean {
    const held = `SELECT EXISTS (SELECT 1 FROM grants) OR EXISTS (SELECT 1 FROM tickets) AS held`;
    return this.#sql.exec<{ held: number }>(held).one().held === 0;
  }

  /** Forgets what was given for an origin that its app no longer has; answers the grants that went. */
  dropMoved(addresses: ReadonlyMap<string, readonly string[]>): Set<string> {
    const held = this.#sql
      .exec<{ instance_id: string; slug: string }>(
        `SELECT instance_id, slug FROM grants UNION SELECT instance_id, slug FROM tickets`,
      )
      .toArray();
    const moved = held.filter(({ instance_id: id, slug }) => !addresses.get(id)?.includes(addressOf(slug)));
    return new Set(moved.flatMap((one) => this.#drop(one.instance_id, one.slug)));
  }

  #drop(instanceId: string, slug: string): string[] {
    this.#known.clear();
    this.#sql.exec(`DELETE FROM tickets WHERE instance_id = ? AND slug = ?`, instanceId, slug);
    return this.#sql
      .exec<{ id: string }>(`DELETE FROM grants WHERE instance_id = ? AND slug = ? RETURNING id`, instanceId, slug)
      .toArray()
      .map(({ id }) => id);
  }

  /** Drops what expired, and answers when to come again; undefined when nothing is left. */
  sweep(now: number): number | undefined {
    this.#known.clear();
    this.#sql.exec(`DELETE FROM tickets WHERE expires_at <= ?`, now);
    this.#sql.exec(`DELETE FROM grants WHERE expires_at <= ?`, now);
    const { grants, tickets } = this.#sql
      .exec<{ grants: number | null; tickets: number }>(
        `SELECT (SELECT min(expires_at) FROM grants) AS grants, (SELECT count(*) FROM tickets) AS tickets`,
      )
      .one();
    if (tickets === 0) return grants ?? undefined;
    return Math.min(grants ?? Number.POSITIVE_INFINITY, now + SWEEP_INTERVAL_MS);
  }

  /** Whoever shows a secret of this hash again has the grant that was there first. */
  async #insert(grant: Grant, hash: string): Promise<void> {
    this.#sql.exec(
      `INSERT OR IGNORE INTO grants (hash, id, instance_id, slug, user_id, session_id, key_id, share_id, expires_at, framed)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      hash,
      grant.id,
      grant.instanceId,
      grant.slug,
      grant.userId,
      grant.sessionId,
      grant.keyId,
      grant.shareId,
      grant.expiresAt,
      Number(grant.framed),
    );
    await this.#deps.sweepBy(grant.expiresAt);
  }

  async #load(secret: string): Promise<Grant | undefined> {
    const [row] = this.#sql.exec<GrantRow>(`SELECT * FROM grants WHERE hash = ?`, await hashSecret(secret)).toArray();
    if (!row) return undefined;
    const grant: Grant = {
      id: row.id,
      instanceId: row.instance_id,
      slug: row.slug,
      userId: row.user_id,
      sessionId: row.session_id,
      keyId: row.key_id,
      framed: row.framed === 1,
      shareId: row.share_id,
      expiresAt: row.expires_at,
    };
    this.#known.set(secret, grant);
    return grant;
  }
}

/** The slug or host name that a label belongs to. */
function addressOf(label: string): string {
  return isHostname(label) ? label : (parseAppLabel(label)?.slug ?? label);
}

function revokedRows(selector: RevokeSelector): [condition: string, ...values: string[]] {
  switch (selector.by) {
    case "user":
      return ["user_id = ?", selector.userId];
    case "session":
      return ["session_id = ?", selector.sessionId];
    case "key":
      return ["key_id = ?", selector.keyId];
    case "share":
      return ["share_id = ?", selector.shareId];
    case "instance":
      return ["instance_id = ?", selector.instanceId];
    case "apps":
      return ["true"];
  }
}
