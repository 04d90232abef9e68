/** The turntable seen from above: stalls around it, and a bridge that turns. */
import { classes } from "../parts/classes.ts";
import css from "./logo.module.css";

const STALLS = [-90, -54, -18, 18, 54, 90];

type LogoProps = { size?: number; /** Degrees; 0 points up. */ heading?: number; turning?: boolean };

export function Logo({ size = 24, heading = 36, turning = false }: LogoProps) {
  return (
    <svg class={css.logo} width={size} height={size} viewBox="-16 -16 32 32" aria-hidden="true">
      {STALLS.map((angle) => (
        <path key={angle} class={css.stall} d="M-1.9 -10.6V-15M1.9 -10.6V-15" transform={`rotate(${angle})`} />
      ))}
      <circle class={css.pit} r="8.6" />
      <g class={classes(css.bridge, turning && css.turning)} style={{ transform: `rotate(${heading}deg)` }}>
        <path d="M-1.7 -8.4V8.4M1.7 -8.4V8.4" />
        <path class={css.ties} d="M-2.6 -5h5.2M-2.6 -1.7h5.2M-2.6 1.7h5.2M-2.6 5h5.2" />
      </g>
    </svg>
  );
}
