/** What a server asked its client, so that a viewer answers nothing but what gives nothing away (SPEC MC7). */
import type { Message } from "./channel.ts";
import { requestId } from "./json-rpc.ts";

/** Of one session; older ones are forgotten, and then nothing that a viewer may answer. */
const MAX_QUESTIONS = 64;
const HARMLESS = new Set<unknown>(["ping", "roots/list"]);

export class Questions {
  /** Methods by ids: some servers take a number for its text. */
  readonly #asked = new Map<string, unknown>();

  add(message: Message): void {
    const id = requestId(message);
    if (id === undefined) return;
    this.#asked.delete(String(id));
    this.#asked.set(String(id), message["method"]);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MAX_QUESTIONS && oldest !== undefined) this.#asked.delete(oldest);
  }

  areHarmless({ id }: Message): boolean {
    return HARMLESS.has(this.#asked.get(String(id)));
  }
}
