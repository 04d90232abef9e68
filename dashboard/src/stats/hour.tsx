/** The last hour of a node: a chart for each thing that is measured, and the same as a table. */
import { useMemo } from "preact/hooks";
import type { Node } from "@roundhouse/protocol/api/node";
import type { Stats } from "@roundhouse/protocol/facts";
import { type HourCharts, hourCharts } from "./charts.ts";
import { Plot } from "./plot.tsx";
import css from "./stats.module.css";

/** At the shortest span (ten minutes) a slot holds one of the node's samples: no gap where there is none. */
const SLOTS = 120;
const TABLE_ROWS = 12;
const CHART_PIXELS = 118;

type HourProps = { node: Node; samples: readonly Stats[]; zoom?: number };

export function Hour({ node, samples, zoom = 1 }: HourProps) {
  const { times, charts } = useMemo(() => hourCharts(node, samples, SLOTS), [node, samples]);
  if (charts.length === 0) return <p class={css.waiting}>Waiting for the node’s samples…</p>;
  return (
    <div class={css.hour}>
      <div class={css.charts}>
        {charts.map((chart) => (
          <Plot key={chart.title} chart={chart} times={times} heightPixels={Math.round(CHART_PIXELS * zoom)} />
        ))}
      </div>
      <details class={css.details}>
        <summary>As a table</summary>
        <HourTable {...hourCharts(node, samples, TABLE_ROWS)} />
      </details>
    </div>
  );
}

function HourTable({ times, charts }: HourCharts) {
  return (
    <div class={css.tableFrame} tabIndex={0} role="region" aria-label="The last hour as a table">
      <table class={css.table}>
        <thead>
          <tr>
            <th scope="col">Around</th>
            {charts.map(({ title }) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, row) => (
            <tr key={time}>
              <th scope="row">{new Date(time).toLocaleTimeString([], { timeStyle: "short" })}</th>
              {charts.map(({ title, values, words }) => {
                const value = values[row] ?? null;
                return <td key={title}>{value === null ? "–" : words(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
