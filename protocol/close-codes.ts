/** Why a link ends, and what the agent does then (SPEC CL1). 4xxx is the range RFC 6455 leaves to applications. */

type CloseRule = { code: number; retry: "soon" | "later" | "never"; meaning: string };

export const LINK_CLOSE = {
  replaced: { code: 4000, retry: "never", meaning: "a newer link of the same machine took over" },
  malformed: { code: 4001, retry: "later", meaning: "a frame or message could not be understood" },
  helloExpected: { code: 4002, retry: "later", meaning: "the first message was not a hello, or none came in time" },
  agentTooOld: { code: 4003, retry: "later", meaning: "this control plane no longer speaks the agent's protocol" },
  controlTooOld: { code: 4004, retry: "later", meaning: "this control plane does not speak the agent's protocol yet" },
  otherMachine: { code: 4005, retry: "later", meaning: "another machine holds a live link with this node's key" },
  removed: { code: 4006, retry: "never", meaning: "the node was removed from the pool" },
  silent: { code: 4007, retry: "soon", meaning: "no heartbeat came within the timeout" },
} as const satisfies Record<string, CloseRule>;

export type LinkCloseReason = keyof typeof LINK_CLOSE;

/** What an agent does after a close with this code; any code not in the table is a passing fault. */
export function retryAfterClose(code: number): CloseRule["retry"] {
  return Object.values(LINK_CLOSE).find((rule) => rule.code === code)?.retry ?? "soon";
}
