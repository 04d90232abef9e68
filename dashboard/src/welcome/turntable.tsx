/** The roundhouse from above: a stall for each node, lit where apps run, and the bridge that turns from one to the next. */
import { classes } from "../parts/classes.ts";
import type { Stall } from "./stalls.ts";
import css from "./welcome.module.css";

const TIES = [-44, -33, -22, -11, 0, 11, 22, 33, 44];

export function Turntable({ stalls }: { stalls: readonly Stall[] }) {
  return (
    <svg class={css.turntable} viewBox="-150 -150 300 215" aria-hidden="true">
      {stalls.map((stall) => (
        <StallPlace key={stall.heading} {...stall} />
      ))}
      <circle class={css.pit} r="58" />
      <circle class={css.pitRail} r="53" />
      <g class={css.bridge}>
        {TIES.map((y) => (
          <path key={y} class={css.tie} d={`M-9 ${y}h18`} />
        ))}
        <path class={css.rail} d="M-5-55V55M5-55V55" />
        <rect class={css.cabin} x="11" y="-9" width="12" height="18" rx="2" />
      </g>
      <circle class={css.pivot} r="4" />
    </svg>
  );
}

function StallPlace({ heading, node }: Stall) {
  const isLit = node !== undefined && node.isOnline && node.running > 0;
  return (
    <g transform={`rotate(${heading})`}>
      <path class={css.rail} d="M-5-61V-80M5-61V-80" />
      <path
        class={classes(css.stall, node === undefined && css.empty, node?.isOnline === false && css.dark)}
        d="M-13-81H13L20-141H-20Z"
      />
      {node && <path class={classes(css.engine, isLit && css.lit)} d="M-6-88V-120Q-6-128 0-128T6-120V-88Z" />}
      {isLit && <circle class={css.lamp} cy="-91" r="3.2" />}
    </g>
  );
}
