/** The colours of a terminal, from the same variables as a log's. */
import type { ITheme } from "@xterm/xterm";
import { readColours } from "../parts/colours.ts";

const ANSI = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

const ANSI_COLOURS = Array.from({ length: 16 }, (_, index) => `ansi-${index}`);

export function readTheme(host: HTMLElement): ITheme {
  const colours: Record<string, string> = readColours(host, [
    ...["log-bg", "log-ink", "accent", "line-strong"],
    ...ANSI_COLOURS,
  ]);
  return {
    background: colours["log-bg"],
    foreground: colours["log-ink"],
    cursor: colours["accent"],
    cursorAccent: colours["log-bg"],
    selectionBackground: colours["line-strong"],
    ...Object.fromEntries(ANSI.map((name, index) => [name, colours[`ansi-${index}`]])),
    ...Object.fromEntries(
      ANSI.map((name, index) => [`bright${name[0]?.toUpperCase()}${name.slice(1)}`, colours[`ansi-${index + 8}`]]),
    ),
  };
}
