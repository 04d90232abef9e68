/** A small box for each GPU of a node; none ticked means all of them. */
import type { Gpu } from "@roundhouse/protocol/facts";
import { formatBytes } from "../parts/format.ts";
import type { CellsProps } from "./cells.tsx";
import { shownValue } from "./edits.ts";
import { whyLocked } from "./start-editing.ts";
import css from "./table.module.css";
import { setEdit } from "./unsaved.ts";

export function GpuChecks({ instance, node, edits, tabIndex }: CellsProps & { tabIndex: number }) {
  const chosen = shownValue(instance, edits, "gpuIds");
  const gpus = node?.gpus ?? [];
  const locked = whyLocked(instance, "gpu");
  if (gpus.length === 0) return <span class={css.none}>{chosen.length === 0 ? "–" : chosen.join(", ")}</span>;
  const isChosen = (gpu: Gpu): boolean => chosen.includes(gpu.id) || chosen.includes(String(gpu.index));
  const choose = (gpu: Gpu, checked: boolean): void => {
    const wanted = gpus.filter((other) => (other.id === gpu.id ? checked : isChosen(other)));
    setEdit(instance, "gpuIds", isAsNow(instance.gpuIds, wanted) ? instance.gpuIds : wanted.map(({ id }) => id));
  };
  return (
    <span class={css.gpus} role="group" aria-label={`GPUs of ${instance.name}`}>
      {gpus.map((gpu) => (
        <input
          key={gpu.id}
          type="checkbox"
          aria-label={`GPU ${gpu.index}`}
          title={locked ?? `${gpu.index}: ${gpu.name}, ${formatBytes(gpu.memoryTotalBytes)}`}
          checked={isChosen(gpu)}
          disabled={locked !== undefined}
          tabIndex={tabIndex}
          onChange={(event) => choose(gpu, event.currentTarget.checked)}
        />
      ))}
      {chosen.length === 0 && <span class={css.none}>all</span>}
    </span>
  );
}

/** The same GPUs may be named by index or by id. */
function isAsNow(now: readonly string[], wanted: readonly Gpu[]): boolean {
  if (now.length !== wanted.length) return false;
  return wanted.every(({ id, index }) => now.includes(id) || now.includes(String(index)));
}
