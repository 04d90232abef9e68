/** The answer to one POST with requests, over a channel: an event for each message, or all responses as one JSON. */
import { wholeJson } from "../services/whole-json.ts";
import type { Message } from "./channel.ts";
import { Outlet } from "./outlet.ts";

export type Reply = {
  /** Whether messages that come before the responses reach the client. */
  takesMessages: () => boolean;
  message: (message: Message) => void;
  /** The last one ends it. */
  respond: (message: Message) => void;
  response: Promise<Response>;
};

type Options = {
  signal: AbortSignal;
  headers: Record<string, string>;
  /** How many responses make it whole. */
  awaited: number;
  isBatch: boolean;
  onClosed: () => void;
};

export function eventReply({ signal, headers, awaited, onClosed }: Options): Reply {
  const outlet = new Outlet(signal, onClosed);
  let left = awaited;
  return {
    takesMessages: () => outlet.isOpen,
    message: (message) => outlet.send(JSON.stringify(message)),
    respond: (message) => {
      outlet.send(JSON.stringify(message));
      left -= 1;
      if (left === 0) outlet.close();
    },
    response: Promise.resolve(outlet.response(headers)),
  };
}

export function jsonReply({ signal, headers, awaited, isBatch, onClosed }: Options): Reply {
  const { promise, resolve } = withResolver<Response>();
  const responses: Message[] = [];
  let isOpen = true;
  const end = (response: Response) => {
    if (!isOpen) return;
    isOpen = false;
    resolve(response);
    onClosed();
  };
  // Nobody reads this one: its client is gone.
  const gone = () => end(new Response(null, { status: 499 }));
  if (signal.aborted) gone();
  else signal.addEventListener("abort", gone, { once: true });
  return {
    takesMessages: () => false,
    message: () => undefined,
    respond: (message) => {
      responses.push(message);
      if (responses.length === awaited) end(wholeJson(isBatch ? responses : message, 200, headers));
    },
    response: promise,
  };
}

function withResolver<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
