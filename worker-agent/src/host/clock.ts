/** The two clocks of a host: the one on the wall, which can be set, and the one that only runs forward. */

export type Clock = {
  /** Unix time: for what is shown, and for what must mean something to a later process. It jumps when it is set. */
  nowMs: () => number;
  /** Milliseconds from an arbitrary moment, without the time a host slept: for every "since" and "for how long" within one process. */
  steadyMs: () => number;
};

export const HOST_CLOCK: Clock = { nowMs: () => Date.now(), steadyMs: () => performance.now() };
