/** Server-sent events as they arrive in pieces. Pure. */

export type ServerEvent = { event: string; data: string };

export class EventReader {
  readonly #maxCharacters: number;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #event = "";
  #data: string[] = [];
  #dataLength = 0;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  /** The events that end in these bytes; undefined where one is longer than it may be. */
  push(bytes: Uint8Array): ServerEvent[] | undefined {
    const events: ServerEvent[] = [];
    // A CR at the end may be half of a CRLF.
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = this.#onLine(line);
      if (event) events.push(event);
      if (this.#dataLength > this.#maxCharacters) return undefined;
    }
    return this.#rest.length + this.#dataLength > this.#maxCharacters ? undefined : events;
  }

  #onLine(line: string): ServerEvent | undefined {
    if (line === "") return this.#dispatch();
    const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") this.#event = value;
    if (field === "data") {
      this.#data.push(value);
      this.#dataLength += value.length + 1;
    }
    return undefined;
  }

  #dispatch(): ServerEvent | undefined {
    const event = { event: this.#event || "message", data: this.#data.join("\n") };
    const isEmpty = this.#data.length === 0;
    this.#event = "";
    this.#data = [];
    this.#dataLength = 0;
    return isEmpty ? undefined : event;
  }
}
