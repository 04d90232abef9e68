/** Rows gain or lose their cells a few at a time: a jump concerns 150 of them, and the page must paint and answer meanwhile. */

/** Making the cells of a row takes 1 to 3 ms. */
const ROWS_AT_ONCE = 16;

type Change = { near: boolean; distance: number };
type Told = { near: boolean; tell: (near: boolean) => void };

export class RowSlices<Row> {
  readonly #rows = new Map<Row, Told>();
  readonly #waiting = new Map<Row, Change>();
  #next: ReturnType<typeof setTimeout> | undefined;

  /** `near`: as the row is shown now. */
  add(row: Row, near: boolean, tell: (near: boolean) => void): void {
    this.#rows.set(row, { near, tell });
  }

  remove(row: Row): void {
    this.#rows.delete(row);
    this.#waiting.delete(row);
  }

  /** What is wanted last holds. */
  want(row: Row, near: boolean, distance: number): void {
    if (this.#rows.get(row)?.near === near) this.#waiting.delete(row);
    else this.#waiting.set(row, { near, distance });
  }

  /** It stays as it is. */
  keep(row: Row): void {
    this.#waiting.delete(row);
  }

  /** The first slice at once, each further one in a task of its own. */
  begin(): void {
    if (this.#next === undefined) this.#slice();
  }

  #slice(): void {
    const first = [...this.#waiting].toSorted(([, a], [, b]) => urgency(a) - urgency(b)).slice(0, ROWS_AT_ONCE);
    for (const [row, { near }] of first) this.#tell(row, near);
    this.#next = this.#waiting.size === 0 ? undefined : setTimeout(() => this.#slice());
  }

  #tell(row: Row, near: boolean): void {
    this.#waiting.delete(row);
    const told = this.#rows.get(row);
    if (told === undefined) return;
    told.near = near;
    told.tell(near);
  }
}

/** Rows in sight first; those that went out of it can wait. */
function urgency({ near, distance }: Change): number {
  return near ? distance : Number.MAX_SAFE_INTEGER;
}
