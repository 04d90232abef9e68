/** Notices a link that is dead without saying so: a ping now and then, and a limit for the answer (SPEC HB1–HB2). */
import { HEARTBEAT_PING } from "@roundhouse/protocol/limits";

export type HeartbeatDeps = {
  intervalMs: number;
  timeoutMs: number;
  send(text: string): void;
  onSilent(): void;
};

export type Heartbeat = {
  /** Anything at all that arrived proves that the peer is there. */
  heard(): void;
  stop(): void;
};

export function startHeartbeat(deps: HeartbeatDeps): Heartbeat {
  let heardAt = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - heardAt > deps.timeoutMs) deps.onSilent();
    else deps.send(HEARTBEAT_PING);
  }, deps.intervalMs);
  deps.send(HEARTBEAT_PING);
  return {
    heard: () => {
      heardAt = performance.now();
    },
    stop: () => clearInterval(timer),
  };
}
