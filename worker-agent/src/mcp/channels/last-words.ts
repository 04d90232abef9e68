/** The last line that a program wrote to its standard error: mostly why it ended. */

const KEPT_BYTES = 4096;
const SHOWN_CHARACTERS = 300;

export class LastWords {
  #tail: Uint8Array = new Uint8Array();
  #isWhole = true;

  push(bytes: Uint8Array): void {
    const all = Buffer.concat([this.#tail, bytes]);
    if (all.length > KEPT_BYTES) this.#isWhole = false;
    this.#tail = all.subarray(-KEPT_BYTES);
  }

  /** Undefined where it wrote nothing, or where the beginning of the line is not kept: half a secret would not be known as one. */
  read(redact: (text: string) => string): string | undefined {
    const text = new TextDecoder().decode(this.#tail);
    const whole = this.#isWhole ? text : text.slice(text.indexOf("\n") + 1 || text.length);
    const line = redact(whole)
      .split("\n")
      .map((one) => one.trim())
      .findLast((one) => one !== "");
    return line !== undefined && line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
  }
}
