/** Whether something that somebody holds falls under a revocation. */
import type { Holder, RevokeSelector } from "./node-hub/rpc.ts";

export function isHeldBy(holder: Holder & { instanceId: string | null }, selector: RevokeSelector): boolean {
  switch (selector.by) {
    case "user":
      return holder.userId === selector.userId;
    case "session":
      return holder.sessionId === selector.sessionId;
    case "key":
      return holder.keyId === selector.keyId;
    case "share":
      return holder.shareId === selector.shareId;
    case "instance":
      return holder.instanceId === selector.instanceId;
    case "apps":
      return holder.instanceId !== null;
  }
}
