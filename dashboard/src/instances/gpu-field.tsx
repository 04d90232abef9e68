/** The GPUs of a node to choose from, in a form. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Gpu, Stats } from "@roundhouse/protocol/facts";
import { freeMemoryOf } from "../nodes/freest-gpu.ts";
import { Check, FieldGroup } from "../parts/field.tsx";
import { formatBytes } from "../parts/format.ts";
import { chooseGpu, isGpuChosen } from "./gpu-choice.ts";
import css from "./instance-fields.module.css";

type GpuFieldProps = {
  node: Node | undefined;
  chosen: readonly string[];
  /** Where there are several in one form. */
  legend?: string;
  error?: string | undefined;
  /** The node's newest sample, where the form follows it. */
  latest?: Stats | undefined;
  onChange: (gpuIds: string[]) => void;
};

export function GpuField({ node, chosen, legend = "GPUs", error, latest, onChange }: GpuFieldProps) {
  const gpus = node?.gpus ?? [];
  if (gpus.length === 0) return null;
  return (
    <FieldGroup legend={`${legend} (none chosen: all of them)`}>
      {gpus.map((gpu) => (
        <Check
          key={gpu.id}
          checked={isGpuChosen(chosen, gpu)}
          onChange={(isWanted) => onChange(chooseGpu(chosen, gpus, gpu, isWanted))}
        >
          <span class={css.gpu}>{gpu.index}</span> {gpu.name} · {memoryWords(gpu, latest)}
        </Check>
      ))}
      {error && <p class={css.error}>{error}</p>}
    </FieldGroup>
  );
}

/** `18.2 of 24 GiB free`, or how much there is while nobody has measured. */
function memoryWords(gpu: Gpu, latest: Stats | undefined): string {
  const total = formatBytes(gpu.memoryTotalBytes);
  return latest === undefined ? total : `${formatBytes(freeMemoryOf(gpu, latest))} of ${total} free`;
}
