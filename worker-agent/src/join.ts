/** Exchanges a join token for a place in the pool. Only the hash of the node's key leaves the machine. */
import { Joined, type JoinInput } from "@roundhouse/protocol/api";
import { ErrorBody } from "@roundhouse/protocol/errors";
import type { JoinToken } from "@roundhouse/protocol/join-token";

const JOIN_TIMEOUT_MS = 30_000;

/** The control plane refused the join; the message is for the person at the terminal. */
export class JoinRefused extends Error {}

/** Throws {@link JoinRefused}, or the network's error when the control plane cannot be reached. */
export async function join(url: string, token: JoinToken, input: JoinInput): Promise<Joined> {
  const response = await fetch(new URL("/api/join", url), {
    method: "POST",
    headers: { Authorization: `Bearer ${token.secret}`, "Content-Type": "application/json" },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(JOIN_TIMEOUT_MS),
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return Joined.parse(body);
  const parsed = ErrorBody.safeParse(body);
  if (!parsed.success)
    throw new JoinRefused(`${url} answered ${response.status}; is this the control plane's address?`);
  const { message, hint } = parsed.data.error;
  throw new JoinRefused(hint ? `${message} ${hint}` : message);
}
