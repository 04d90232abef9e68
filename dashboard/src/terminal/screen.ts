/** The emulator on the page. This file and what it imports is fetched when a terminal is shown first. */
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import type { TerminalSize } from "@roundhouse/protocol/terminal";
import { zoomOf } from "../instances/zoom.ts";
import { watchTheme } from "../parts/colours.ts";
import { allowSpanStyles, withAdoptedStyles } from "./csp.ts";
import { makeSafe, pastable } from "./safety.ts";
import { readTheme } from "./theme.ts";

allowSpanStyles();

const SCROLLBACK_LINES = 10_000;
const FONT_PIXELS = 13;
const ZOOM = zoomOf("terminal");

export type ScreenHandlers = {
  onType: (data: string) => void;
  /** The emulator answers a question of the program. */
  onAnswer: (data: string) => void;
  /** Another size would fit. */
  onFit: (size: TerminalSize) => void;
  /** The person wants the focus elsewhere. */
  onLeave: () => void;
};

export class Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #host: HTMLElement;
  readonly #ends: (() => void)[] = [];
  #replays = 0;
  #fitted = "";

  constructor(host: HTMLElement, label: string, handlers: ScreenHandlers) {
    this.#host = host;
    this.#terminal = new Terminal({
      fontFamily: getComputedStyle(host).fontFamily,
      fontSize: fontPixels(),
      scrollback: SCROLLBACK_LINES,
      theme: readTheme(host),
      // Colours that a program chooses are read by a person in either theme.
      minimumContrastRatio: 4.5,
    });
    this.#terminal.loadAddon(this.#fit);
    const { isAnswering } = makeSafe(this.#terminal);
    this.#terminal.onData((data) => {
      // What is replayed was answered long ago, or not at all.
      if (this.#replays > 0) return;
      if (isAnswering()) handlers.onAnswer(data);
      else handlers.onType(data);
    });
    this.#terminal.attachCustomKeyEventHandler((event) => this.#onKey(event, handlers));
    withAdoptedStyles(() => this.#terminal.open(host));
    this.#terminal.textarea?.setAttribute("aria-label", label);
    this.#listen(host, "paste", (event) => this.#onPaste(event));
    this.#watchSize(handlers);
    this.#watchTheme();
    this.#watchZoom(handlers);
  }

  /** What would fill the place it has. */
  get fitting(): TerminalSize | undefined {
    const size = this.#fit.proposeDimensions();
    return size && size.cols >= 2 && size.rows >= 1 ? { cols: size.cols, rows: size.rows } : undefined;
  }

  write(bytes: Uint8Array, isReplay: boolean, shown: () => void): void {
    if (isReplay) this.#replays += 1;
    this.#terminal.write(bytes, () => {
      if (isReplay) this.#replays -= 1;
      shown();
    });
  }

  reset(): void {
    // Behind what is still to be shown.
    this.#terminal.write("\u001bc");
  }

  resize({ cols, rows }: TerminalSize): void {
    this.#terminal.resize(cols, rows);
  }

  focus(): void {
    this.#terminal.focus();
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#terminal.dispose();
  }

  /** False keeps a key from the program. */
  #onKey(event: KeyboardEvent, { onLeave }: ScreenHandlers): boolean {
    if (event.type !== "keydown" || !event.ctrlKey || event.altKey || event.metaKey) return true;
    if (event.shiftKey && event.key === "ArrowUp") {
      event.preventDefault();
      onLeave();
      return false;
    }
    if (event.shiftKey) return true;
    // The browser's own copy and paste: with something selected Ctrl+C does not interrupt, the next one does.
    if (event.key === "v") return false;
    if (event.key !== "c" || !this.#terminal.hasSelection()) return true;
    setTimeout(() => this.#terminal.clearSelection());
    return false;
  }

  #onPaste(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    this.#terminal.paste(pastable(event.clipboardData?.getData("text/plain") ?? ""));
  }

  #watchSize({ onFit }: ScreenHandlers): void {
    const observer = new ResizeObserver(() => this.#refit(onFit));
    observer.observe(this.#host);
    this.#ends.push(() => observer.disconnect());
  }

  #watchZoom({ onFit }: ScreenHandlers): void {
    let known = ZOOM.value;
    const end = ZOOM.subscribe((zoom) => {
      if (zoom === known) return;
      known = zoom;
      this.#terminal.options.fontSize = fontPixels();
      this.#refit(onFit);
    });
    this.#ends.push(end);
  }

  #refit(onFit: ScreenHandlers["onFit"]): void {
    const size = this.fitting;
    if (!size || this.#fitted === `${size.cols} ${size.rows}`) return;
    this.#fitted = `${size.cols} ${size.rows}`;
    onFit(size);
  }

  #watchTheme(): void {
    const end = watchTheme(() => {
      this.#terminal.options.theme = readTheme(this.#host);
    });
    this.#ends.push(end);
  }

  #listen(host: HTMLElement, name: "paste", listener: (event: ClipboardEvent) => void): void {
    host.addEventListener(name, listener, { capture: true });
    this.#ends.push(() => host.removeEventListener(name, listener, { capture: true }));
  }
}

function fontPixels(): number {
  return (FONT_PIXELS * ZOOM.value) / 100;
}
