/** Reads a log's text: colours are kept, every other control sequence is swallowed and never acts. */
import { applySgr, PLAIN, type Style } from "./style.ts";

export type AnsiSink = {
  /** Printable text without any control character. */
  text(text: string, style: Style): void;
  newline(): void;
  /** The cursor went back to the start of the line: what comes next replaces it. */
  carriageReturn(): void;
};

type State = "ground" | "escape" | "csi" | "string" | "string-escape";

// C0, DEL, C1, and the bidirectional overrides that make text read otherwise than it is.
// oxlint-disable-next-line no-control-regex
const SPECIAL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const LONGEST_PARAMETERS = 128;
const TAB_WIDTH = 8;

/** The text of a piece of output, without its colours and on one line. */
export function plainText(output: string): string {
  let plain = "";
  const parser = new AnsiParser({
    text: (text) => {
      plain += text;
    },
    newline: () => {
      plain += " ";
    },
    carriageReturn: () => undefined,
  });
  parser.push(output);
  return plain;
}

/** Keeps its state between chunks, so a sequence may be cut anywhere. */
export class AnsiParser {
  readonly #sink: AnsiSink;
  #state: State = "ground";
  #style: Style = PLAIN;
  #parameters = "";
  #column = 0;

  constructor(sink: AnsiSink) {
    this.#sink = sink;
  }

  push(chunk: string): void {
    let index = 0;
    while (index < chunk.length) {
      index = this.#state === "ground" ? this.#ground(chunk, index) : this.#sequence(chunk, index);
    }
  }

  /** Prints up to the next control character and acts on that one; answers where to go on. */
  #ground(chunk: string, start: number): number {
    SPECIAL.lastIndex = start;
    const end = SPECIAL.exec(chunk)?.index ?? chunk.length;
    if (end > start) this.#print(chunk.slice(start, end));
    if (end < chunk.length) this.#control(chunk.charAt(end));
    return end + 1;
  }

  #print(text: string): void {
    this.#column += text.length;
    this.#sink.text(text, this.#style);
  }

  #control(character: string): void {
    switch (character) {
      case "\n":
        this.#column = 0;
        this.#sink.newline();
        break;
      case "\r":
        this.#column = 0;
        this.#sink.carriageReturn();
        break;
      case "\t":
        this.#print(" ".repeat(TAB_WIDTH - (this.#column % TAB_WIDTH)));
        break;
      case "\u001b":
        this.#state = "escape";
        break;
      case "\u009b":
        this.#begin("csi");
        break;
      case "\u0090":
      case "\u0098":
      case "\u009d":
      case "\u009e":
      case "\u009f":
        this.#begin("string");
        break;
      default:
      // Bell, backspace and the like: nothing to show.
    }
  }

  #begin(state: State): void {
    this.#state = state;
    this.#parameters = "";
  }

  #sequence(chunk: string, index: number): number {
    const character = chunk.charAt(index);
    // No sequence spans lines: one that was never closed must not swallow the rest of the log.
    if (character === "\n" || character === "\r") {
      this.#state = "ground";
      return index;
    }
    switch (this.#state) {
      case "escape":
        return this.#escape(character, index);
      case "csi":
        return this.#csi(character, index);
      case "ground":
        return index;
      case "string":
        if (character === "\u0007" || character === "\u009c") this.#state = "ground";
        else if (character === "\u001b") this.#state = "string-escape";
        return index + 1;
      case "string-escape":
        // `ESC \` closes a string; any other escape inside one begins a sequence of its own.
        this.#state = character === "\\" ? "ground" : "escape";
        return character === "\\" ? index + 1 : index;
    }
  }

  #escape(character: string, index: number): number {
    if (character === "[") this.#begin("csi");
    else if ("]PX^_".includes(character)) this.#begin("string");
    // Intermediate bytes (`ESC ( B` chooses a character set) wait for their final one.
    else if (character < " " || character > "/") this.#state = character === "\u001b" ? "escape" : "ground";
    return index + 1;
  }

  #csi(character: string, index: number): number {
    if (character >= "@" && character <= "~") {
      if (character === "m" && /^[\d;:]*$/.test(this.#parameters)) {
        this.#style = applySgr(this.#style, this.#parameters);
      }
      this.#state = "ground";
    } else if (character >= " " && character <= "?" && this.#parameters.length < LONGEST_PARAMETERS) {
      this.#parameters += character;
    } else {
      // Not a CSI after all: read the character again as what it is.
      this.#state = "ground";
      return index;
    }
    return index + 1;
  }
}
