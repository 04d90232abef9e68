/** A table above, a pane below, and a bar between them that can be moved with the mouse or the arrow keys. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { stored } from "../parts/stored.ts";
import css from "./split.module.css";

/** The pane's share of the height, in percent. */
const share = stored<number>("roundhouse.pane", 46);
const LEAST = 18;
const MOST = 82;

export function Split({ top, bottom }: { top: ComponentChildren; bottom: ComponentChildren | null }) {
  const frame = useRef<HTMLDivElement>(null);
  const set = (percent: number): void => {
    share.value = Math.round(Math.min(MOST, Math.max(LEAST, percent)));
  };
  const drag = (event: PointerEvent): void => {
    const box = frame.current?.getBoundingClientRect();
    if (box && event.buttons === 1) set(((box.bottom - event.clientY) / box.height) * 100);
  };
  const steps: Readonly<Record<string, number>> = {
    ArrowUp: share.value + 4,
    ArrowDown: share.value - 4,
    Home: MOST,
    End: LEAST,
  };
  return (
    <div ref={frame} class={css.frame}>
      <div class={css.top}>{top}</div>
      {bottom !== null && (
        <>
          <div
            class={css.bar}
            role="separator"
            tabIndex={0}
            aria-orientation="horizontal"
            aria-label="Height of the log"
            aria-valuenow={share.value}
            aria-valuemin={LEAST}
            aria-valuemax={MOST}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={drag}
            onKeyDown={(event) => {
              const next = steps[event.key];
              if (next === undefined) return;
              event.preventDefault();
              set(next);
            }}
          />
          <div class={css.bottom} style={{ height: `${share.value}%` }}>
            {bottom}
          </div>
        </>
      )}
    </div>
  );
}
