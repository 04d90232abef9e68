/** Who may open which app: one-use tickets and the grants they are swapped for (SPEC AC1–AC6). */
import { hashSecret, newId, newSecret } from "@roundhouse/protocol/ids";
import type { Holder, RevokeSelector, TicketInput } from "./rpc.ts";

const TICKET_LIFETIME_MS = 60_000;
/** A grant outlives no session it came from: revoking the session revokes it. */
export const GRANT_LIFETIME_MS = 7 * 24 * 3600_000;

export type Grant = Holder & { id: string; instanceId: string; slug: string };
export type SwappedTicket = { grant: Grant; secret: string; path: string };

type HolderRow = {
  instance_id: string;
  slug: string;
  user_id: string | null;
  session_id: string | null;
  key_id: string | null;
};

export class Grants {
  readonly #sql: SqlStorage;
  /** Grants by secret, so that a busy app costs neither a hash nor a query a request. */
  readonly #known = new Map<string, { grant: Grant; expiresAt: number }>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  async issueTicket(input: TicketInput, now: number): Promise<string> {
    const secret = newSecret("ticket");
    this.#sql.exec(
      `INSERT INTO tickets (hash, instance_id, slug, path, user_id, session_id, key_id, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      await hashSecret(secret),
      input.instanceId,
      input.slug,
      input.path,
      input.userId,
      input.sessionId,
      input.keyId,
      now + TICKET_LIFETIME_MS,
    );
    return secret;
  }

  /** Swaps a ticket for a grant. Deleted and read in one statement, so that a ticket works once whoever races for it. */
  async swapTicket(ticket: string, slug: string, now: number): Promise<SwappedTicket | undefined> {
    const [row] = this.#sql
      .exec<HolderRow & { path: string; expires_at: number }>(
        `DELETE FROM tickets WHERE hash = ? AND slug = ? RETURNING *`,
        await hashSecret(ticket),
        slug,
      )
      .toArray();
    if (!row || row.expires_at < now) return undefined;
    const secret = newSecret("grant");
    const grant = { id: newId("grant"), ...holderOf(row) };
    this.#sql.exec(
      `INSERT INTO grants (hash, id, instance_id, slug, user_id, session_id, key_id, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      await hashSecret(secret),
      grant.id,
      grant.instanceId,
      grant.slug,
      grant.userId,
      grant.sessionId,
      grant.keyId,
      now + GRANT_LIFETIME_MS,
    );
    return { grant, secret, path: row.path };
  }

  /** The grant behind a cookie's secret, if it is for this slug and still valid. */
  async find(secret: string, slug: string, now: number): Promise<Grant | undefined> {
    const known = this.#known.get(secret) ?? (await this.#load(secret));
    if (!known || known.expiresAt < now || known.grant.slug !== slug) return undefined;
    return known.grant;
  }

  /** Forgets matching grants and tickets, and answers the ids of the grants that are gone. */
  revoke(selector: RevokeSelector): string[] {
    const [condition, ...values] = revokedRows(selector);
    this.#known.clear();
    this.#sql.exec(`DELETE FROM tickets WHERE ${condition}`, ...values);
    const rows = this.#sql.exec<{ id: string }>(`DELETE FROM grants WHERE ${condition} RETURNING id`, ...values);
    return rows.toArray().map((row) => row.id);
  }

  /** Drops what expired, and answers when the next one does; undefined when nothing is left. */
  sweep(now: number): number | undefined {
    this.#sql.exec(`DELETE FROM tickets WHERE expires_at < ?`, now);
    this.#sql.exec(`DELETE FROM grants WHERE expires_at < ?`, now);
    const { at } = this.#sql
      .exec<{ at: number | null }>(
        `SELECT min(expires_at) AS at FROM (SELECT expires_at FROM tickets UNION ALL SELECT expires_at FROM grants)`,
      )
      .one();
    return at ?? undefined;
  }

  async #load(secret: string): Promise<{ grant: Grant; expiresAt: number } | undefined> {
    const [row] = this.#sql
      .exec<HolderRow & { id: string; expires_at: number }>(
        `SELECT * FROM grants WHERE hash = ?`,
        await hashSecret(secret),
      )
      .toArray();
    if (!row) return undefined;
    const known = { grant: { id: row.id, ...holderOf(row) }, expiresAt: row.expires_at };
    this.#known.set(secret, known);
    return known;
  }
}

function revokedRows(selector: RevokeSelector): [condition: string, ...values: string[]] {
  switch (selector.by) {
    case "user":
      return ["user_id = ?", selector.userId];
    case "session":
      return ["session_id = ?", selector.sessionId];
    case "key":
      return ["key_id = ?", selector.keyId];
    case "instance":
      return ["instance_id = ?", selector.instanceId];
    case "apps":
      return ["true"];
  }
}

function holderOf(row: HolderRow): Omit<Grant, "id"> {
  return {
    instanceId: row.instance_id,
    slug: row.slug,
    userId: row.user_id,
    sessionId: row.session_id,
    keyId: row.key_id,
  };
}
