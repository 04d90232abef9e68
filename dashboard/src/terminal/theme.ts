/** The colours of a terminal, from the same variables as a log's. */
import type { ITheme } from "@xterm/xterm";

const ANSI = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

export function readTheme(host: HTMLElement): ITheme {
  const probe = document.createElement("span");
  host.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const theme: ITheme = {
    background: colour("log-bg"),
    foreground: colour("log-ink"),
    cursor: colour("accent"),
    cursorAccent: colour("log-bg"),
    selectionBackground: colour("line-strong"),
    ...Object.fromEntries(ANSI.map((name, index) => [name, colour(`ansi-${index}`)])),
    ...Object.fromEntries(
      ANSI.map((name, index) => [`bright${name[0]?.toUpperCase()}${name.slice(1)}`, colour(`ansi-${index + 8}`)]),
    ),
  };
  probe.remove();
  return theme;
}
