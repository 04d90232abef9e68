/** A small box for each GPU of a node; none ticked means all of them. */
import type { Gpu } from "@roundhouse/protocol/facts";
import { formatBytes } from "../parts/format.ts";
import type { CellsProps } from "./cells.tsx";
import { shownValue } from "./edits.ts";
import { chooseGpu, gpusAsNamed, isGpuChosen } from "./gpu-choice.ts";
import { whyLocked } from "./start-editing.ts";
import css from "./table.module.css";
import { setEdit } from "./unsaved.ts";

export function GpuChecks({ instance, node, edits, tabIndex }: CellsProps & { tabIndex: number }) {
  const chosen = shownValue(instance, edits, "gpuIds");
  const gpus = node?.gpus ?? [];
  const locked = whyLocked(instance, "gpu");
  if (gpus.length === 0) return <span class={css.none}>{chosen.length === 0 ? "–" : chosen.join(", ")}</span>;
  const choose = (gpu: Gpu, isWanted: boolean): void => {
    setEdit(instance, "gpuIds", gpusAsNamed(instance.gpuIds, chooseGpu(chosen, gpus, gpu, isWanted), gpus));
  };
  return (
    <span class={css.gpus} role="group" aria-label={`GPUs of ${instance.name}`}>
      {gpus.map((gpu) => (
        <input
          key={gpu.id}
          type="checkbox"
          aria-label={`GPU ${gpu.index}`}
          title={locked ?? `${gpu.index}: ${gpu.name}, ${formatBytes(gpu.memoryTotalBytes)}`}
          checked={isGpuChosen(chosen, gpu)}
          disabled={locked !== undefined}
          tabIndex={tabIndex}
          onChange={(event) => choose(gpu, event.currentTarget.checked)}
        />
      ))}
      {chosen.length === 0 && <span class={css.none}>all</span>}
    </span>
  );
}
