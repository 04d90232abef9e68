/** Smaller, larger, and how large it is now. */
import type { Signal } from "@preact/signals";
import { IconButton } from "../parts/button.tsx";
import css from "./pane-place.module.css";
import { nextZoom, PLAIN_ZOOM } from "./zoom.ts";

export function ZoomTools({ zoom, what }: { zoom: Signal<number>; what: string }) {
  const step = (direction: 1 | -1): void => {
    zoom.value = nextZoom(zoom.value, direction);
  };
  return (
    <>
      <IconButton icon="minus" label={`Zoom ${what} out (Ctrl -)`} onClick={() => step(-1)} />
      <button
        type="button"
        class={css.zoom}
        aria-label={`Zoom of ${what}: ${zoom.value} %. Back to ${PLAIN_ZOOM} % (Ctrl 0)`}
        title="Back to 100 % (Ctrl 0)"
        onClick={() => (zoom.value = PLAIN_ZOOM)}
      >
        {zoom.value} %
      </button>
      <IconButton icon="plus" label={`Zoom ${what} in (Ctrl +)`} onClick={() => step(1)} />
    </>
  );
}
