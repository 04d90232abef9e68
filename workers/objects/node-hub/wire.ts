/** The words between the ingress and a node's hub: names of headers and paths, and the shape of answers. */
import type { ObservedInstance } from "@roundhouse/protocol/instance";

/** Origin of what the Worker itself asks a hub. Any other one is an app's: that request is passed on as it came. */
export const HUB_ORIGIN = "https://node-hub";

/** Who a request is for (JSON of a `Holder`); set by the Worker after it checked. */
export const HOLDER_HEADER = "x-roundhouse-holder";

/** How the hub tells the ingress that the app itself did not answer. Stripped from what apps answer. */
export const HUB_STATE_HEADER = "x-roundhouse-state";

/** Headers with this prefix are ours in both directions; a client's are dropped. */
export const INTERNAL_HEADER_PREFIX = "x-roundhouse-";

/** Path prefix on every app's origin that is ours, not the app's (SPEC AC4). */
export const RESERVED_PREFIX = "/__roundhouse/";

/** What `/__roundhouse/status` answers. */
export type AppState = {
  status: ObservedInstance["status"] | "unreachable";
  since: string | null;
  reason: ObservedInstance["reason"];
  /** null for visitors with a share: a log may hold secrets that the app itself does not show. */
  lastLines: string[] | null;
  diskBytes: number | null;
};

/** What the hub answers for a ticket. */
export type SwapAnswer = { secret: string; path: string; instanceId: string; maxAgeSeconds: number };
