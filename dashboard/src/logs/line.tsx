/** One line of a log as text nodes: its colours, and what the search found in it. */
import type { ComponentChildren, JSX } from "preact";
import { useMemo } from "preact/hooks";
import { classes } from "../parts/classes.ts";
import type { LogLine, Span } from "./buffer.ts";
import css from "./log.module.css";
import type { Match } from "./search.ts";
import type { Colour, Style } from "./style.ts";

type LineProps = {
  line: LogLine;
  matches: readonly Match[];
  current: Match | undefined;
  /** Pixels. */
  height: number;
};

export function Line({ line, matches, current, height }: LineProps) {
  // The same element again lets Preact skip the line: only new ones cost.
  return useMemo(() => {
    let start = 0;
    const content = line.spans.map((span, index) => {
      const piece = <SpanText key={index} span={span} start={start} matches={matches} current={current} />;
      start += span.text.length;
      return piece;
    });
    return (
      <div class={classes(css.line, line.note && css.note)} style={{ height: `${height}px` }}>
        {content.length === 0 ? " " : content}
      </div>
    );
  }, [line, matches, current, height]);
}

type SpanProps = { span: Span; start: number; matches: readonly Match[]; current: Match | undefined };

function SpanText({ span, start, matches, current }: SpanProps) {
  const end = start + span.text.length;
  const pieces: ComponentChildren[] = [];
  let at = start;
  for (const match of matches) {
    const from = Math.max(match.start, at);
    const to = Math.min(match.start + match.length, end);
    if (to <= from) continue;
    pieces.push(span.text.slice(at - start, from - start));
    pieces.push(
      <mark class={match === current ? css.currentMatch : css.match}>{span.text.slice(from - start, to - start)}</mark>,
    );
    at = to;
  }
  pieces.push(span.text.slice(at - start));
  return (
    <span class={styleClasses(span.style)} style={styleColours(span.style)}>
      {pieces}
    </span>
  );
}

function styleClasses(style: Style): string {
  return classes(
    style.bold && css.bold,
    style.dim && css.dim,
    style.italic && css.italic,
    (style.underline || style.strike) && css.lined,
  );
}

function styleColours(style: Style): JSX.CSSProperties | undefined {
  const front = style.inverse ? (style.background ?? "var(--log-bg)") : style.foreground;
  const back = style.inverse ? (style.foreground ?? "var(--log-ink)") : style.background;
  if (front === null && back === null && !style.underline && !style.strike) return undefined;
  return {
    color: cssColour(front),
    backgroundColor: cssColour(back),
    textDecorationLine: classes(style.underline && "underline", style.strike && "line-through") || undefined,
  };
}

function cssColour(colour: Colour | null): string | undefined {
  if (colour === null) return undefined;
  return typeof colour === "number" ? `var(--ansi-${colour})` : colour;
}
