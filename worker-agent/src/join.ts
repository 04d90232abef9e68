/** Exchanges a join token for a place in the pool. Only the hash of the node's key leaves the machine. */
import { Joined, type JoinInput } from "@roundhouse/protocol/api/join";
import { ErrorBody } from "@roundhouse/protocol/errors";
import type { JoinToken } from "@roundhouse/protocol/join-token";

const JOIN_TIMEOUT_MS = 30_000;

/** The join did not happen; the message is for the person at the terminal. */
export class JoinRefused extends Error {}

/** Throws {@link JoinRefused} with what to do, also when the control plane cannot be reached. */
export async function join(url: string, token: JoinToken, input: JoinInput): Promise<Joined> {
  const response = await post(url, token, input).catch((error: unknown) => {
    throw new JoinRefused(`${url} cannot be reached (${reasonOf(error)}); is it running, and is --url right?`, {
      cause: error,
    });
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return Joined.parse(body);
  const parsed = ErrorBody.safeParse(body);
  if (!parsed.success)
    throw new JoinRefused(`${url} answered ${response.status}; is this the control plane's address?`);
  const { message, hint } = parsed.data.error;
  throw new JoinRefused(hint ? `${message} ${hint}` : message);
}

function post(url: string, token: JoinToken, input: JoinInput): Promise<Response> {
  return fetch(new URL("/api/join", url), {
    method: "POST",
    headers: { Authorization: `Bearer ${token.secret}`, "Content-Type": "application/json" },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(JOIN_TIMEOUT_MS),
  });
}

/** fetch hides the system's word for it (ECONNREFUSED, ENOTFOUND …) in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : error.message;
}
