/** Keeps the link up: every end of a session is a state that the loop reads, never a callback that dials. */
import { LINK_CLOSE, retryAfterClose } from "@roundhouse/protocol/close-codes";
import { unreachable } from "@roundhouse/protocol/exhaustive";
import type { AgentMessage } from "@roundhouse/protocol/messages";
import { Backoff, LATER_MS } from "./backoff.ts";
import { Session, type SessionDeps, type SessionEnd } from "./session.ts";

/** Why the loop gave up. */
export type LinkOver = { why: "stopped" } | { why: "removed" | "replaced" | "refused"; message: string };

export type Link = {
  /** Ends when the link is given up for good. */
  over: Promise<LinkOver>;
  /** False where the link is down, and the message is lost. */
  send(message: AgentMessage): boolean;
  stop(): void;
};

type Next = { do: "dial"; afterMs: number } | { do: "end"; over: LinkOver };

export function keepLink(deps: SessionDeps, log: (line: string) => void): Link {
  const backoff = new Backoff();
  const stopped = new AbortController();
  let session: Session | undefined;
  const run = async (): Promise<LinkOver> => {
    while (!stopped.signal.aborted) {
      session = new Session(deps);
      const end = await session.ended;
      session = undefined;
      if (stopped.signal.aborted) break;
      const next = nextStep(end, backoff);
      if (next.do === "end") return next.over;
      log(`link: ${describe(end)}; dialling again in ${(next.afterMs / 1000).toFixed(1)} s`);
      await sleep(next.afterMs, stopped.signal);
    }
    return { why: "stopped" };
  };
  return {
    over: run(),
    send: (message) => session?.send(message) ?? false,
    stop: () => {
      stopped.abort();
      session?.close();
    },
  };
}

function nextStep(end: SessionEnd, backoff: Backoff): Next {
  switch (end.why) {
    case "failed":
      backoff.held(end.heldMs);
      return { do: "dial", afterMs: backoff.next() };
    case "refused": {
      const message =
        "the control plane does not know this node's key (was the node removed?); join again with a new token";
      return { do: "end", over: { why: "refused", message } };
    }
    case "drained":
      backoff.held(end.heldMs);
      return { do: "dial", afterMs: end.reconnectAfterMs };
    case "closed":
      backoff.held(end.heldMs);
      return afterClose(end, backoff);
    default:
      return unreachable(end);
  }
}

function afterClose(end: Extract<SessionEnd, { why: "closed" }>, backoff: Backoff): Next {
  const retry = retryAfterClose(end.code);
  if (retry === "soon") return { do: "dial", afterMs: backoff.next() };
  if (retry === "later") return { do: "dial", afterMs: LATER_MS };
  const why = end.code === LINK_CLOSE.removed.code ? "removed" : "replaced";
  return { do: "end", over: { why, message: end.reason } };
}

function describe(end: SessionEnd): string {
  switch (end.why) {
    case "failed":
      return end.message;
    case "refused":
      return `refused with status ${end.status}`;
    case "drained":
      return "the control plane asked for it";
    case "closed":
      return `closed with ${end.code}${end.reason ? ` (${end.reason})` : ""}`;
    default:
      return unreachable(end);
  }
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
