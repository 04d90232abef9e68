/** What the benchmark measures: rows of the table, and how their figures are made. */
import type { Goal } from "./goals.ts";
import type { Target } from "./ways/target.ts";

export type Row = { title: string; unit: string; goal?: Goal };

/** One figure for each row, under the row's key. */
export type Figures = Record<string, number>;

/** The same load by every way, one after the other, in rounds. */
export type Comparison = {
  name: string;
  rows: Record<string, Row>;
  measure(target: Target): Promise<Figures>;
};

export type Setting = {
  /** How long the many links are held. */
  minutes: number;
  /** A folder for files. */
  temp: string;
  /** Takes what must be closed after the round. */
  later: AsyncDisposableStack;
};

/** Something that only we have, measured on houses of its own. */
export type Trial = {
  name: string;
  rows: Record<string, Row>;
  /** Takes minutes: one round is enough. */
  isLong?: boolean;
  /** Runs only when it is named. */
  onlyWhenAsked?: boolean;
  measure(setting: Setting): Promise<Figures>;
};
