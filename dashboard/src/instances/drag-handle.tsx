/** Drags a whole family to the place of another one. The keys for it are Alt with the arrows. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import css from "./table.module.css";

type HandleProps = { instance: Instance; onMove: (id: string, target: string) => void };

export function DragHandle({ instance, onMove }: HandleProps) {
  if (instance.parent !== null) return <span class={css.handle} />;
  const drag = (event: PointerEvent): void => {
    if (event.buttons !== 1) return;
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>("tbody[data-family]");
    const target = under?.dataset["family"];
    if (target !== undefined && target !== instance.id) onMove(instance.id, target);
  };
  return (
    <span
      class={css.handle}
      title="Drag to order (Alt ↑ ↓)"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
    >
      ⠿
    </span>
  );
}
