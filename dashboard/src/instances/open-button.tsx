/** Opens an app; where it has several ports, a menu beside it opens each of them. */
import { useId, useRef, useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { Button, IconButton } from "../parts/button.tsx";
import { later } from "../parts/later.tsx";
import css from "./open-button.module.css";
import { webPorts } from "./web-ports.ts";

const PortMenu = later(async () => (await import("./port-menu.tsx")).PortMenu);

type OpenProps = { instance: Instance; blocked: string | undefined };

export function OpenButton({ instance, blocked }: OpenProps) {
  return (
    <span class={css.split}>
      <Button
        icon="open"
        look={instance.status === "started" ? "primary" : "plain"}
        blocked={blocked}
        onClick={() => window.open(`/open/${instance.id}`, "_blank", "noopener")}
      >
        Open
      </Button>
      {webPorts(instance).length > 1 && <PortsButton instance={instance} blocked={blocked} />}
    </span>
  );
}

/** The browser opens and closes a popover itself: a click elsewhere and Esc close it, and the focus comes back. */
function PortsButton({ instance, blocked }: OpenProps) {
  const id = useId();
  const frame = useRef<HTMLSpanElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(false);
  const isOpening = (event: Event): boolean => (event as ToggleEvent).newState === "open";
  return (
    <span
      ref={frame}
      class={css.more}
      // The pane would close as well.
      onKeyDown={(event) => event.key === "Escape" && shown && event.stopPropagation()}
    >
      <IconButton
        icon="down"
        label={`All ${webPorts(instance).length} ports of ${instance.name}`}
        blocked={blocked}
        aria-expanded={shown}
        popovertarget={id}
      />
      <div
        ref={menu}
        id={id}
        popover="auto"
        class={css.menu}
        onBeforeToggle={(event) => isOpening(event) && place(menu.current, frame.current)}
        onToggle={(event) => setShown(isOpening(event))}
      >
        {shown && <PortMenu instance={instance} onDone={() => menu.current?.hidePopover()} />}
      </div>
    </span>
  );
}

const GAP_PX = 4;

/** Below the button, or above it where there is more room. */
function place(menu: HTMLElement | null, button: HTMLElement | null): void {
  if (!menu || !button) return;
  const { top, bottom, right } = button.getBoundingClientRect();
  const isAbove = top > innerHeight - bottom;
  const room = Math.max(top, innerHeight - bottom) - 2 * GAP_PX;
  const lengths = {
    "--top": isAbove ? "auto" : `${bottom + GAP_PX}px`,
    "--bottom": isAbove ? `${innerHeight - top + GAP_PX}px` : "auto",
    "--right": `${innerWidth - right}px`,
    "--room": `${room}px`,
  };
  for (const [name, value] of Object.entries(lengths)) menu.style.setProperty(name, value);
}
