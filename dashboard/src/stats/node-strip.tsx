/** The node of the selected instance in one line, live. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Gpu, GpuStats, Stats } from "@roundhouse/protocol/facts";
import { formatBytes, formatBytesOf } from "../parts/format.ts";
import { percentWords } from "./charts.ts";
import { useSamples } from "./samples.ts";
import css from "./stats.module.css";

export function NodeStrip({ node }: { node: Node }) {
  const isOnline = node.status === "online";
  const last = useSamples(node.id, isOnline).samples.at(-1);
  return (
    <div class={css.strip} role="group" aria-label={`${node.name} now`} tabIndex={0}>
      <strong class={css.stripName}>{node.name}</strong>
      {!isOnline && <span>offline</span>}
      {isOnline && last === undefined && <span>…</span>}
      {isOnline && last && <Readings node={node} last={last} />}
    </div>
  );
}

function Readings({ node, last }: { node: Node; last: Stats }) {
  const total = node.facts?.memoryTotalBytes ?? 0;
  return (
    <>
      <Reading label="CPU" share={last.cpuPercent / 100} text={percentWords(last.cpuPercent)} />
      <Reading
        label="RAM"
        share={total > 0 ? last.memoryUsedBytes / total : 0}
        text={formatBytesOf(last.memoryUsedBytes, total)}
      />
      <Reading label="Disk" text={`${formatBytes(last.diskFreeBytes)} free`} />
      {node.gpus.map((gpu) => (
        <GpuReading key={gpu.id} gpu={gpu} stats={last.gpus.find(({ index }) => index === gpu.index)} />
      ))}
    </>
  );
}

function GpuReading({ gpu, stats }: { gpu: Gpu; stats: GpuStats | undefined }) {
  if (stats === undefined) return null;
  const { utilizationPercent, memoryUsedBytes, temperatureCelsius, powerWatts } = stats;
  const parts = [
    utilizationPercent === null ? undefined : percentWords(utilizationPercent),
    formatBytesOf(memoryUsedBytes, gpu.memoryTotalBytes),
    temperatureCelsius === null ? undefined : `${temperatureCelsius.toFixed(0)} °C`,
    powerWatts === null ? undefined : `${powerWatts.toFixed(0)} W`,
  ];
  const share = gpu.memoryTotalBytes > 0 ? memoryUsedBytes / gpu.memoryTotalBytes : 0;
  return <Reading label={`GPU ${gpu.index}`} share={share} text={parts.filter(Boolean).join(" · ")} />;
}

function Reading({ label, text, share }: { label: string; text: string; share?: number }) {
  return (
    <span class={css.stripReading}>
      <span class={css.stripLabel}>{label}</span>
      {share !== undefined && (
        <span class={css.meter} aria-hidden="true">
          <i style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
        </span>
      )}
      {text}
    </span>
  );
}
