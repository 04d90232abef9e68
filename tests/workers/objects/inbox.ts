/** What arrived and was not taken yet, and a way to wait for what comes. */

const PATIENCE_MS = 5_000;

export class Inbox<T> {
  #items: T[] = [];
  #waiting: { matches: (item: T) => boolean; resolve: (item: T) => void }[] = [];

  put(item: T): void {
    const index = this.#waiting.findIndex((waiter) => waiter.matches(item));
    if (index < 0) this.#items.push(item);
    else this.#waiting.splice(index, 1)[0]?.resolve(item);
  }

  /** The first item that matches, now or soon. */
  take(what: string, matches: (item: T) => boolean): Promise<T> {
    const index = this.#items.findIndex(matches);
    if (index >= 0) return Promise.resolve(this.#items.splice(index, 1)[0] as T);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what} did not come`)), PATIENCE_MS);
      const settle = (item: T) => {
        clearTimeout(timer);
        resolve(item);
      };
      this.#waiting.push({ matches, resolve: settle });
    });
  }

  peek(matches: (item: T) => boolean): T[] {
    return this.#items.filter(matches);
  }
}
