/** Which charts a node has, what each shows of its samples, and the same in words. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Gpu, GpuStats, Stats } from "@roundhouse/protocol/facts";
import { formatBytes } from "../parts/format.ts";
import { chartSpan, thinned } from "./history.ts";

export type Chart = {
  title: string;
  /** A value as people read it. */
  words: (value: number) => string;
  /** The value at the top edge; null: as the values need it. */
  max: number | null;
  /** Bytes are counted in steps of two. */
  isBinary?: boolean;
  /** One for each of the times; null where nothing was measured. */
  values: readonly (number | null)[];
};
export type HourCharts = {
  /** Milliseconds since the epoch. */
  times: readonly number[];
  charts: readonly Chart[];
};

export const percentWords = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0).replace(/\.0$/, "")} %`;
const celsiusWords = (value: number): string => `${value.toFixed(0)} °C`;
const wattWords = (value: number): string => `${value.toFixed(0)} W`;

type Read = (sample: Stats) => number | null | undefined;
type Kind = Omit<Chart, "values"> & { read: Read };

/** `slots` points of the last hour, or of as much of it as there is; charts of what was never measured are left out. */
export function hourCharts(node: Node, samples: readonly Stats[], slots: number): HourCharts {
  const last = samples.at(-1);
  const end = last === undefined ? 0 : Date.parse(last.at);
  const span = chartSpan(samples, end);
  const times = Array.from({ length: slots }, (_, slot) => end - span + ((slot + 0.5) * span) / slots);
  const charts = kindsOf(node).map(({ read, ...kind }) => ({
    ...kind,
    values: thinned(samples, (sample) => read(sample) ?? null, end, slots, span),
  }));
  return { times, charts: charts.filter(({ values }) => values.some((value) => value !== null)) };
}

function kindsOf({ facts, gpus }: Node): Kind[] {
  const disk = facts?.disk.totalBytes ?? 0;
  return [
    { title: "Processor", words: percentWords, max: 100, read: (sample) => sample.cpuPercent },
    {
      title: "Memory",
      words: formatBytes,
      isBinary: true,
      max: facts?.memoryTotalBytes ?? null,
      read: (sample) => sample.memoryUsedBytes,
    },
    {
      title: "Disk",
      words: formatBytes,
      isBinary: true,
      max: disk || null,
      read: (sample) => (disk ? disk - sample.diskFreeBytes : null),
    },
    ...gpus.flatMap(kindsOfGpu),
  ];
}

function kindsOfGpu(gpu: Gpu): Kind[] {
  const of = (read: (stats: GpuStats) => number | null) => (sample: Stats) => {
    const stats = sample.gpus.find(({ index }) => index === gpu.index);
    return stats && read(stats);
  };
  const name = `GPU ${gpu.index}`;
  return [
    { title: `${name} load`, words: percentWords, max: 100, read: of((stats) => stats.utilizationPercent) },
    {
      title: `${name} memory`,
      words: formatBytes,
      isBinary: true,
      max: gpu.memoryTotalBytes || null,
      read: of((stats) => stats.memoryUsedBytes),
    },
    { title: `${name} temperature`, words: celsiusWords, max: 100, read: of((stats) => stats.temperatureCelsius) },
    { title: `${name} power`, words: wattWords, max: null, read: of((stats) => stats.powerWatts) },
  ];
}

/** `12 % now; between 3 % and 80 %, 20 % on average`, for those who cannot see the chart. */
export function chartInWords({ values, words }: Chart): string {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return "nothing measured yet";
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const range = `between ${words(Math.min(...known))} and ${words(Math.max(...known))}`;
  return `${words(last)} now; ${range}, ${words(mean)} on average`;
}
