/** A WebSocket that comes back: reconnects with jittered back-off until it is closed from here. */
import { socketProtocols } from "../api/proof.ts";
import { backoffMs } from "./backoff.ts";

export type LinkState = "connecting" | "live" | "reconnecting";
type Handlers = {
  /** Path and query; asked anew for every attempt. */
  path: () => string;
  onText?: (text: string) => void;
  onBytes?: (bytes: Uint8Array) => void;
  /** Each time it is open; `send` is for this opening only. */
  onOpen?: (send: (message: string) => void) => void;
  onState: (state: LinkState) => void;
};

/** Answers how to close it for good. */
export function openSocket(handlers: Handlers): () => void {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let closed = false;

  const connect = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const url = new URL(handlers.path(), location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const current = new WebSocket(url, socketProtocols());
    socket = current;
    current.binaryType = "arraybuffer";
    current.onopen = () => {
      handlers.onState("live");
      handlers.onOpen?.((message) => current.send(message));
    };
    current.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      // Only a message proves that the other end works: an accepted and at once closed socket keeps backing off.
      attempt = 0;
      if (typeof event.data === "string") handlers.onText?.(event.data);
      else handlers.onBytes?.(new Uint8Array(event.data));
    };
    current.onclose = () => {
      if (closed || socket !== current) return;
      handlers.onState("reconnecting");
      timer = setTimeout(connect, backoffMs(attempt));
      attempt += 1;
    };
  };
  const retryNow = (): void => {
    if (timer === undefined) return;
    attempt = 0;
    connect();
  };

  addEventListener("online", retryNow);
  handlers.onState("connecting");
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    removeEventListener("online", retryNow);
    socket?.close();
  };
}
