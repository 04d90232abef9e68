/** Live gauges of a node: now, and how the last hour went. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Facts, Gpu, GpuStats, Stats } from "@roundhouse/protocol/facts";
import { classes } from "../parts/classes.ts";
import { formatBytesOf } from "../parts/format.ts";
import css from "./gauges.module.css";
import { chartSpan, thinned } from "../stats/history.ts";
import { Sparkline } from "./sparkline.tsx";

/** At the shortest span a slot is 10 s, two of the node's samples: no gap where there is none. */
const SLOTS = 60;
const HOT_SHARE = 0.9;

type GaugesProps = { node: Node; facts: Facts; samples: readonly Stats[] };

export function Gauges({ node, facts, samples }: GaugesProps) {
  const last = samples.at(-1);
  const end = last === undefined ? 0 : Date.parse(last.at);
  const span = chartSpan(samples, end);
  const series = (read: (sample: Stats) => number | null) => thinned(samples, read, end, SLOTS, span);
  const disk = facts.disk.totalBytes;
  const diskUsed = disk - (last?.diskFreeBytes ?? facts.disk.freeBytes);
  return (
    <div class={css.gauges}>
      <Gauge
        label="CPU"
        share={last && last.cpuPercent / 100}
        text={last && `${last.cpuPercent.toFixed(0)} %`}
        history={series((sample) => sample.cpuPercent / 100)}
      />
      <Gauge
        label="Memory"
        share={last && last.memoryUsedBytes / facts.memoryTotalBytes}
        text={last && formatBytesOf(last.memoryUsedBytes, facts.memoryTotalBytes)}
        history={series((sample) => sample.memoryUsedBytes / facts.memoryTotalBytes)}
      />
      <Gauge
        label="Disk"
        share={disk > 0 ? diskUsed / disk : 0}
        text={formatBytesOf(diskUsed, disk)}
        history={series((sample) => (disk > 0 ? (disk - sample.diskFreeBytes) / disk : null))}
      />
      {node.gpus.map((gpu) => (
        <GpuGauges key={gpu.id} gpu={gpu} samples={samples} series={series} />
      ))}
    </div>
  );
}

type GpuGaugesProps = {
  gpu: Gpu;
  samples: readonly Stats[];
  series: (read: (sample: Stats) => number | null) => (number | null)[];
};

function GpuGauges({ gpu, samples, series }: GpuGaugesProps) {
  const of = (sample: Stats | undefined): GpuStats | undefined =>
    sample?.gpus.find((entry) => entry.index === gpu.index);
  const last = of(samples.at(-1));
  const total = gpu.memoryTotalBytes;
  return (
    <div class={css.gpu}>
      <p class={css.gpuName}>
        <span class={css.gpuIndex}>GPU {gpu.index}</span> {gpu.name}
        <span class={css.gpuFacts}>
          {last?.temperatureCelsius !== undefined && last.temperatureCelsius !== null && (
            <b class={last.temperatureCelsius >= 85 ? css.hotText : undefined}>
              {last.temperatureCelsius.toFixed(0)} °C
            </b>
          )}
          {last?.powerWatts !== undefined && last.powerWatts !== null && ` ${last.powerWatts.toFixed(0)} W`}
        </span>
      </p>
      <Gauge
        label="VRAM"
        share={last && total > 0 ? last.memoryUsedBytes / total : undefined}
        text={last && formatBytesOf(last.memoryUsedBytes, total)}
        history={series((sample) => (total > 0 ? (of(sample)?.memoryUsedBytes ?? 0) / total : null))}
      />
      <Gauge
        label="Load"
        share={last && (last.utilizationPercent ?? 0) / 100}
        text={last && (last.utilizationPercent === null ? "not reported" : `${last.utilizationPercent.toFixed(0)} %`)}
        history={series((sample) => {
          const percent = of(sample)?.utilizationPercent ?? null;
          return percent === null ? null : percent / 100;
        })}
        calm
      />
    </div>
  );
}

type GaugeProps = {
  label: string;
  /** 0–1; undefined while nothing is known. */
  share: number | undefined;
  text: string | undefined;
  history: readonly (number | null)[];
  /** A full value is nothing to worry about. */
  calm?: boolean;
};

function Gauge({ label, share, text, history, calm }: GaugeProps) {
  const known = share ?? 0;
  const hot = !calm && known >= HOT_SHARE;
  return (
    <div class={css.gauge}>
      <span class={css.label}>{label}</span>
      <span
        class={classes(css.meter, hot && css.hot)}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(known * 100)}
        aria-valuetext={text ?? "not known"}
      >
        <i style={{ width: `${Math.min(100, known * 100)}%` }} />
      </span>
      <span class={css.value}>{text ?? "–"}</span>
      <Sparkline values={history} max={1} hot={hot} />
    </div>
  );
}
