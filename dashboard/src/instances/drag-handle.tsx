/** Drags a whole family to the place of another one. The keys for it are Alt with the arrows. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import css from "./table.module.css";

type HandleProps = { instance: Instance; onMove: (id: string, target: string) => void };

export function DragHandle({ instance, onMove }: HandleProps) {
  if (instance.parent !== null) return <span class={css.handle} />;
  return (
    <span
      class={css.handle}
      title="Drag to order (Alt ↑ ↓)"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.preventDefault();
        if (event.button === 0) followPointer((x, y) => drag(instance.id, x, y, onMove));
      }}
    >
      ⠿
    </span>
  );
}

/** Until the button is up. On the document: the handle loses a captured pointer when its rows are put elsewhere. */
function followPointer(onMove: (x: number, y: number) => void): void {
  const until = new AbortController();
  const { signal } = until;
  document.addEventListener("pointermove", ({ clientX, clientY }) => onMove(clientX, clientY), { signal });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => until.abort(), { signal });
}

function drag(id: string, x: number, y: number, onMove: HandleProps["onMove"]): void {
  const target = familyOf(document.elementFromPoint(x, y));
  const own = familyOf(document.getElementById(`row-${id}`));
  if (!own || !target || target === own) return;
  if (isReached(own.getBoundingClientRect(), target.getBoundingClientRect(), y)) {
    onMove(id, target.dataset["family"] ?? "");
  }
}

function familyOf(element: Element | null): HTMLElement | null {
  return element?.closest<HTMLElement>("tbody[data-family]") ?? null;
}

/** Only where the dragged one would be under the pointer afterwards: else a taller one is passed back and forth. */
function isReached(own: DOMRect, target: DOMRect, y: number): boolean {
  return own.top > target.top ? y < target.top + own.height : y > target.bottom - own.height;
}
