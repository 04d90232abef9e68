/** The visible part of a log: only the lines in sight are in the page, however long the log is. */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { classes } from "../parts/classes.ts";
import type { LogBuffer } from "./buffer.ts";
import { LogLayout } from "./layout.ts";
import { Line } from "./line.tsx";
import css from "./log.module.css";
import type { Match } from "./search.ts";

type LogViewProps = {
  buffer: LogBuffer;
  /** Grows when the buffer changed. */
  version: number;
  wrap: boolean;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  matches: readonly Match[];
  current: Match | undefined;
  label: string;
};
type Cell = { width: number; height: number };

const NO_MATCHES: readonly Match[] = [];
const OVERSCAN_ROWS = 20;
/** At the end of a busy log every step brings other lines: fewer are made ahead there. */
const OVERSCAN_ROWS_AT_END = 6;
const FALLBACK_CELL: Cell = { width: 7, height: 16 };

export function LogView({ buffer, version, wrap, follow, onFollow, matches, current, label }: LogViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0, cell: FALLBACK_CELL });
  const scrollTop = useRef(0);
  const [, scrolled] = useReducer<number, void>((count) => count + 1, 0);

  useEffect(() => {
    const observer = new ResizeObserver(() => setSize(measure(scroller, probe)));
    if (scroller.current) observer.observe(scroller.current);
    // It grows with the zoom.
    if (probe.current) observer.observe(probe.current);
    return () => observer.disconnect();
  }, []);

  const { height: rowHeight, width: columnWidth } = size.cell;
  const columns = wrap ? Math.max(8, Math.floor((size.width - 28) / columnWidth)) : null;
  const layout = useMemo(() => new LogLayout(columns), [buffer, columns]);
  const droppedRows = useMemo(() => layout.sync(buffer), [layout, buffer, version]);

  // Text that vanished at the top must not move what is being read.
  useLayoutEffect(() => {
    if (!follow && droppedRows > 0 && scroller.current) scroller.current.scrollTop -= droppedRows * rowHeight;
  }, [layout, version]);
  useLayoutEffect(() => {
    if (follow && scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [follow, version, layout, size]);
  useLayoutEffect(() => {
    if (!current || !scroller.current) return;
    onFollow(false);
    scroller.current.scrollTop = layout.rowOf(current.line) * rowHeight - scroller.current.clientHeight / 2;
  }, [current]);

  const onScroll = (): void => {
    const element = scroller.current;
    if (!element) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight * 1.5;
    if (element.scrollTop < scrollTop.current - 2 && !atEnd) onFollow(false);
    else if (atEnd && element.scrollTop > scrollTop.current) onFollow(true);
    scrollTop.current = element.scrollTop;
    // What stands at the end was rendered before it was scrolled to.
    if (!follow || !atEnd) scrolled();
  };

  const overscan = follow ? OVERSCAN_ROWS_AT_END : OVERSCAN_ROWS;
  const rowsInSight = Math.ceil(size.height / rowHeight);
  const topRow = follow ? layout.rows - rowsInSight : Math.floor(scrollTop.current / rowHeight);
  const slice = layout.slice(topRow - overscan, rowsInSight + 2 * overscan);
  const numbers = Array.from({ length: slice.last - slice.first + 1 }, (_, index) => slice.first + index);
  return (
    <div
      ref={scroller}
      class={classes(css.scroller, wrap && css.wrapped)}
      onScroll={onScroll}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <span ref={probe} class={css.probe} aria-hidden="true">
        {"0".repeat(50)}
      </span>
      <div class={css.canvas} style={{ height: `${layout.rows * rowHeight}px` }}>
        <div class={css.window} style={{ transform: `translateY(${slice.topRow * rowHeight}px)` }}>
          {numbers.map((number) => (
            <Line
              key={number}
              line={buffer.line(number)}
              matches={matchesOf(matches, number)}
              current={current?.line === number ? current : undefined}
              height={(layout.rowOf(number + 1) - layout.rowOf(number)) * rowHeight}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function measure(scroller: RefObject<HTMLDivElement>, probe: RefObject<HTMLSpanElement>) {
  const box = probe.current?.getBoundingClientRect();
  const cell = box && box.width > 0 ? { width: box.width / 50, height: box.height } : FALLBACK_CELL;
  return { width: scroller.current?.clientWidth ?? 0, height: scroller.current?.clientHeight ?? 0, cell };
}

/** Matches are in order of their lines: find the first by halving. */
function matchesOf(matches: readonly Match[], line: number): readonly Match[] {
  let low = 0;
  let high = matches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((matches[middle]?.line ?? 0) < line) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (matches[end]?.line === line) end += 1;
  return low === end ? NO_MATCHES : matches.slice(low, end);
}
