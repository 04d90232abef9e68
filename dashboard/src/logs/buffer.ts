/** The lines of a log that the page keeps: bounded, the oldest go first. */
import { AnsiParser } from "./ansi.ts";
import { PLAIN, type Style } from "./style.ts";

export type Span = { text: string; style: Style };
export type LogLine = { readonly text: string; readonly spans: readonly Span[]; readonly note: boolean };

const EMPTY: LogLine = { text: "", spans: [], note: false };
/** A longer line goes on in the next: one line can neither grow for ever nor stall the page. */
const LONGEST_LINE = 4_000;
/** What a line costs beside its text, so that empty lines are bounded too. */
const LINE_OVERHEAD = 64;
const DEFAULT_LIMIT = 5 * 1024 * 1024;

export class LogBuffer {
  /** Always ends with the line that is still being written (which may be empty). */
  readonly lines: LogLine[] = [EMPTY];
  /** The number of `lines[0]`, counted since the buffer was made. */
  first = 0;
  readonly #limit: number;
  #size = LINE_OVERHEAD;
  #replace = false;
  readonly #parser = new AnsiParser({
    text: (text, style) => this.#write(text, style),
    newline: () => this.#newline(),
    carriageReturn: () => {
      this.#replace = true;
    },
  });

  constructor(limit = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  append(text: string): void {
    this.#parser.push(text);
    this.#trim();
  }

  /** A line of our own, for example that older text is gone. */
  note(text: string): void {
    if (this.#open().text !== "") this.#push(EMPTY);
    this.#set({ text, spans: [{ text, style: PLAIN }], note: true });
    this.#push(EMPTY);
  }

  /** The number behind the last line. */
  get end(): number {
    return this.first + this.lines.length;
  }

  line(number: number): LogLine {
    return this.lines[number - this.first] ?? EMPTY;
  }

  #open(): LogLine {
    return this.lines.at(-1) ?? EMPTY;
  }

  #set(line: LogLine): void {
    this.#size += line.text.length - this.#open().text.length;
    this.lines[this.lines.length - 1] = line;
  }

  #push(line: LogLine): void {
    this.lines.push(line);
    this.#size += line.text.length + LINE_OVERHEAD;
  }

  #newline(): void {
    this.#replace = false;
    this.#push(EMPTY);
  }

  #write(text: string, style: Style): void {
    if (this.#replace) {
      this.#replace = false;
      this.#set(EMPTY);
    }
    let rest = text;
    while (rest !== "") {
      const line = this.#open();
      const room = LONGEST_LINE - line.text.length;
      if (room <= 0) {
        this.#push(EMPTY);
        continue;
      }
      const part = rest.slice(0, room);
      rest = rest.slice(part.length);
      this.#set({ text: line.text + part, spans: joined(line.spans, part, style), note: false });
    }
  }

  /** Cuts in bulk, so that the cost of moving the array is paid rarely. */
  #trim(): void {
    if (this.#size <= this.#limit * 1.05) return;
    let count = 0;
    while (count < this.lines.length - 1 && this.#size > this.#limit) {
      this.#size -= (this.lines[count]?.text.length ?? 0) + LINE_OVERHEAD;
      count += 1;
    }
    this.lines.splice(0, count);
    this.first += count;
  }
}

function joined(spans: readonly Span[], text: string, style: Style): Span[] {
  const last = spans.at(-1);
  if (last?.style !== style) return [...spans, { text, style }];
  return [...spans.slice(0, -1), { text: last.text + text, style }];
}
