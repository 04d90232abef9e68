/** A small area chart of the last hour. Gaps in the data are gaps in the line. */
import { classes } from "../parts/classes.ts";
import css from "./gauges.module.css";

const WIDTH = 120;
const HEIGHT = 24;

type SparklineProps = {
  values: readonly (number | null)[];
  /** The value at the top edge. */ max: number;
  hot: boolean;
};

export function Sparkline({ values, max, hot }: SparklineProps) {
  const runs = pointRuns(values, max);
  return (
    <svg
      class={classes(css.spark, hot && css.hot)}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {runs.map((points) => {
        const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
        const left = points[0]?.[0] ?? 0;
        const right = points.at(-1)?.[0] ?? 0;
        return (
          <g key={left}>
            <polygon class={css.sparkArea} points={`${left},${HEIGHT} ${line} ${right},${HEIGHT}`} />
            <polyline class={css.sparkLine} points={line} />
          </g>
        );
      })}
    </svg>
  );
}

type Point = readonly [x: number, y: number];

function pointRuns(values: readonly (number | null)[], max: number): Point[][] {
  const step = WIDTH / Math.max(1, values.length - 1);
  const runs: Point[][] = [];
  let run: Point[] = [];
  for (const [index, value] of values.entries()) {
    if (value === null) {
      run = [];
      continue;
    }
    if (run.length === 0) runs.push(run);
    const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
    run.push([index * step, 1 + (HEIGHT - 2) * (1 - share)]);
  }
  return runs;
}
