/** Two places below or beside each other, and a bar between them that can be moved with the mouse or the arrow keys. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { classes } from "./classes.ts";
import css from "./divided.module.css";
import { LEAST, MOST, nextShare, type Way } from "./share.ts";

type DividedProps = {
  way: Way;
  /** The second place's part of the whole, in percent. */
  share: Signal<number>;
  /** What the bar changes. */
  label: string;
  first: ComponentChildren;
  /** null: the first one has all the room. */
  second: ComponentChildren | null;
};

/** Changing the way or taking the second place away leaves what is in the first as it is. */
export function Divided({ way, share, label, first, second }: DividedProps) {
  const frame = useRef<HTMLDivElement>(null);
  const set = (percent: number): void => {
    share.value = Math.round(Math.min(MOST, Math.max(LEAST, percent)));
  };
  const drag = (event: PointerEvent): void => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || event.buttons !== 1) return;
    set(100 * (way === "rows" ? (box.bottom - event.clientY) / box.height : (box.right - event.clientX) / box.width));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = nextShare(event.key, way, share.value);
    if (next === undefined) return;
    event.preventDefault();
    set(next);
  };
  const size = `${share.value}%`;
  return (
    <div ref={frame} class={classes(css.frame, css[way])}>
      <div class={css.first}>{first}</div>
      {second !== null && (
        <>
          <div
            class={css.bar}
            role="separator"
            tabIndex={0}
            aria-orientation={way === "rows" ? "horizontal" : "vertical"}
            aria-label={label}
            aria-valuenow={share.value}
            aria-valuemin={LEAST}
            aria-valuemax={MOST}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={drag}
            onKeyDown={onKeyDown}
          />
          <div class={css.second} style={way === "rows" ? { height: size, width: "" } : { width: size, height: "" }}>
            {second}
          </div>
        </>
      )}
    </div>
  );
}
