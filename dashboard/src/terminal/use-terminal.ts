/** A terminal on a page: its screen and its session, from when it is shown until it is left. */
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LinkState } from "../live/socket.ts";
import type { Screen } from "./screen.ts";
import { type End, TerminalSession } from "./session.ts";

export type ShownTerminal = { link: LinkState; end: End | undefined };
type Wish = { instanceId: string; name: string; label: string; onOpen: () => void; onLeave: () => void };

export function useTerminal(host: RefObject<HTMLDivElement>, wish: Wish): ShownTerminal {
  const [link, setLink] = useState<LinkState>("connecting");
  const [end, setEnd] = useState<End>();
  useEffect(() => {
    let close: (() => void) | undefined;
    let isLeft = false;
    import("./screen.ts")
      .then((module) => {
        if (host.current && !isLeft) close = show(module, host.current, wish, setLink, setEnd);
      })
      .catch((error: unknown) => {
        const hint = `Reload the page: it may have been updated. (${String(error)})`;
        setEnd({ why: "error", code: "not_loaded", message: "The terminal could not be loaded.", hint });
      });
    return () => {
      isLeft = true;
      close?.();
    };
  }, [wish.instanceId, wish.name]);
  return { link, end };
}

/** Answers how to leave it. */
function show(
  module: { Screen: typeof Screen },
  host: HTMLDivElement,
  { instanceId, name, label, onOpen, onLeave }: Wish,
  onState: (state: LinkState) => void,
  onEnd: (end: End) => void,
): () => void {
  const screen = new module.Screen(host, label, {
    onType: (data) => session.type(data),
    onAnswer: (data) => session.answer(data),
    onFit: (size) => session.resize(size),
    onLeave,
  });
  const session = new TerminalSession(instanceId, name, {
    size: () => screen.fitting,
    onReset: () => screen.reset(),
    onOutput: (bytes, isReplay, shown) => screen.write(bytes, isReplay, shown),
    onSize: (size) => screen.resize(size),
    onOpen,
    onState,
    onEnd,
  });
  screen.focus();
  return () => {
    session.leave();
    screen.close();
  };
}
