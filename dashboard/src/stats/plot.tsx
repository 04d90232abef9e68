/** One chart, drawn by uPlot. Whoever imports this file fetches uPlot with it. */
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { readColours, watchTheme } from "../parts/colours.ts";
import { type Chart, chartInWords } from "./charts.ts";
import css from "./stats.module.css";

type PlotProps = { chart: Chart; times: readonly number[]; heightPixels: number };

const COLOURS = ["accent", "ink-faint", "line"] as const;
const BINARY_STEPS = Array.from({ length: 52 }, (_, power) => 2 ** power);
/** Room for the words of an axis, in pixels. */
const Y_AXIS_PIXELS = 58;
const X_AXIS_PIXELS = 24;

export function Plot({ chart, times, heightPixels }: PlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const [pointed, setPointed] = useState<number | null>(null);
  const [round, setRound] = useState(0);
  const data = toData(chart, times);
  const newest = useRef({ chart, data });
  newest.current = { chart, data };

  useEffect(() => watchTheme(() => setRound((count) => count + 1)), []);
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const size = (): { width: number; height: number } => ({ width: element.clientWidth, height: heightPixels });
    const made = new uPlot(
      { ...optionsOf(element, newest.current.chart, setPointed), ...size() },
      newest.current.data,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [round, heightPixels, chart.max]);
  useEffect(() => plot.current?.setData(data), [times, chart]);

  const value = pointed === null ? chart.values.findLast((one) => one !== null) : chart.values[pointed];
  const time = pointed === null ? undefined : times[pointed];
  const inWords = chartInWords(chart);
  return (
    <figure class={css.chart}>
      <figcaption class={css.caption}>
        <span>{chart.title}</span>
        <span class={css.reading}>
          {time !== undefined && <time>{new Date(time).toLocaleTimeString([], { timeStyle: "short" })}</time>}
          <b>{value === null || value === undefined ? "–" : chart.words(value)}</b>
        </span>
      </figcaption>
      <div ref={host} class={css.plot} role="img" aria-label={`${chart.title}: ${inWords}`} title={inWords} />
    </figure>
  );
}

function toData({ values }: Chart, times: readonly number[]): uPlot.AlignedData {
  return [times.map((time) => time / 1000), [...values]];
}

function optionsOf(
  host: HTMLElement,
  { max, words, isBinary = false }: Chart,
  onPoint: (index: number | null) => void,
): Omit<uPlot.Options, "width" | "height"> {
  const colours = readColours(host, COLOURS);
  const font = `11px ${getComputedStyle(host).fontFamily}`;
  const axis = { stroke: colours["ink-faint"], font, ticks: { show: false }, grid: { stroke: colours.line, width: 1 } };
  return {
    padding: [6, 26, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    // A flat line at zero stands at the bottom.
    scales: { y: { range: (_, __, highest) => [0, max ?? Math.max(1, highest * 1.1)] } },
    axes: [
      { ...axis, size: X_AXIS_PIXELS, space: 60, values: (_, splits) => splits.map(clock) },
      {
        ...axis,
        size: Y_AXIS_PIXELS,
        space: 34,
        ...(isBinary && { incrs: BINARY_STEPS }),
        values: (_, splits) => splits.map(words),
      },
    ],
    series: [
      {},
      {
        stroke: colours.accent,
        fill: colours.accent.replace(/^rgb\((.*)\)$/, "rgba($1, 0.14)"),
        width: 1.4,
        points: { show: false },
      },
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString([], { timeStyle: "short" });
}
