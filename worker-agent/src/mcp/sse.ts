/** Server-sent events (WHATWG HTML §9.2): a stream is cut into its events, whose bytes stay as they are. */
const LF = 10;
const CR = 13;
/** Some clients end lines here too, against the standard: what a line hides behind these may be an event to them. */
const ODD = "[\\v\\f\\u001c-\\u001e\\u0085\\u2028\\u2029]";
const ODD_BREAK = new RegExp(ODD);
const ODD_BREAKS = new RegExp(ODD, "g");

export class TooLargeError extends Error {}

export class EventSplitter {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #size = 0;
  #isLineEmpty = true;
  #afterCr = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The events that end in these bytes, each with the blank line that ends it. Throws `TooLargeError`. */
  push(bytes: Uint8Array): Uint8Array[] {
    const events: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      if (!this.#endsEvent(bytes[at] ?? 0)) continue;
      const to = bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
      this.#keep(bytes.subarray(from, to));
      events.push(this.rest());
      from = to;
      // The loop would go over a line feed that was taken with its event.
      if (to === at + 2) at += 1;
      this.#afterCr = bytes[to - 1] === CR;
    }
    this.#keep(bytes.subarray(from));
    return events;
  }

  /** What came of an event that has not ended. */
  rest(): Uint8Array {
    const rest = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    return rest;
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes.slice());
    this.#size += bytes.length;
    if (this.#size > this.#limit) throw new TooLargeError();
  }

  #endsEvent(byte: number): boolean {
    const isSecondOfPair = byte === LF && this.#afterCr;
    this.#afterCr = byte === CR;
    if (isSecondOfPair) return false;
    const isBreak = byte === LF || byte === CR;
    const ends = isBreak && this.#isLineEmpty;
    this.#isLineEmpty = isBreak;
    return ends;
  }
}

export type ServerEvent = { data: string; type: string; id: string | undefined; retry: number | undefined };

export function readEvent(bytes: Uint8Array): ServerEvent {
  const event: ServerEvent = { data: "", type: "", id: undefined, retry: undefined };
  const data: string[] = [];
  for (const line of linesOf(bytes)) {
    const [field, value] = fieldOf(line);
    if (field === "data") data.push(value);
    else if (field === "event") event.type = value;
    else if (field === "id" && !value.includes("\0")) event.id = value;
    else if (field === "retry" && /^\d+$/.test(value)) event.retry = Number(value);
  }
  return { ...event, data: data.join("\n") };
}

/** Whether it may be read otherwise than the standard says. */
export function isAmbiguous(bytes: Uint8Array): boolean {
  return ODD_BREAK.test(decode(bytes));
}

/** The same event with other data, in one line; undefined: with none. */
export function withData(bytes: Uint8Array, data: string | undefined): Uint8Array {
  const kept = linesOf(bytes).filter((line) => line !== "" && fieldOf(line)[0] !== "data" && !ODD_BREAK.test(line));
  const lines = data === undefined ? kept : [...kept, `data: ${oneLine(data)}`];
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join("") + "\n");
}

export function messageEvent(data: string): Uint8Array {
  return new TextEncoder().encode(`event: message\ndata: ${oneLine(data)}\n\n`);
}

/** JSON has the odd breaks within texts only, where they may be escaped, and line feeds between texts only. */
function oneLine(json: string): string {
  return json
    .replaceAll("\n", " ")
    .replace(ODD_BREAKS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function linesOf(bytes: Uint8Array): string[] {
  return decode(bytes).split(/\r\n|\r|\n/);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function fieldOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon === -1) return [line, ""];
  return [line.slice(0, colon), line.slice(colon + (line[colon + 1] === " " ? 2 : 1))];
}
