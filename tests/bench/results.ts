/** Rounds in, medians and verdicts out: a table for the terminal or for Markdown, and JSON. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { median } from "./load/stats.ts";
import type { Figures, Row } from "./measure.ts";
import { type WayName, WAYS } from "./ways/target.ts";

type Measured = { row: Row; rounds: Partial<Record<WayName, number[]>> };
type Line = { title: string; cells: string[]; compared: string; reach: string; isMet: boolean | null };

const WAY_NAMES = Object.keys(WAYS) as WayName[];

export class Results {
  readonly #measured = new Map<string, Measured>();
  /** What else the machine had to do when the run began: beside it, figures mean less. */
  readonly #loadBefore = loadavg()[0] ?? 0;

  /** Adds one round's figures of one way. */
  add(rows: Record<string, Row>, way: WayName, figures: Figures): void {
    for (const [key, row] of Object.entries(rows)) {
      const figure = figures[key];
      if (figure === undefined) throw new Error(`no figure for ${row.title}`);
      const measured = this.#measured.get(row.title) ?? { row, rounds: {} };
      (measured.rounds[way] ??= []).push(figure);
      this.#measured.set(row.title, measured);
    }
  }

  /** Columns in line for a terminal. */
  table(): string {
    const all = this.#cells();
    const widths = all[0]?.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0))) ?? [];
    const pad = (text: string, column: number): string =>
      column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
    return all.map((cells) => cells.map(pad).join("   ").trimEnd()).join("\n");
  }

  markdown(): string {
    const [head = [], ...rest] = this.#cells();
    const rule = head.map((_, column) => (column === 0 ? "---" : "--:"));
    return [head, rule, ...rest].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  }

  write(path: string): void {
    const machine = {
      cores: availableParallelism(),
      model: cpus()[0]?.model ?? "unknown",
      node: process.version,
      loadBefore: this.#loadBefore,
    };
    const measures = [...this.#measured.values()].map(({ row, rounds }) => {
      const { title, unit } = row;
      const { compared, reach, isMet } = lineOf({ row, rounds }, []);
      return { title, unit, rounds, median: mediansOf(rounds), compared, reach, isMet };
    });
    const value = { at: new Date().toISOString(), commit: commit(), machine, measures };
    writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
  }

  #cells(): string[][] {
    const measured = [...this.#measured.values()];
    const ways = WAY_NAMES.filter((way) => measured.some(({ rounds }) => rounds[way]));
    const lines = measured.map((one) => lineOf(one, ways));
    const rows = lines.map(({ title, cells, compared, reach, isMet }) => {
      const verdict = isMet === null ? "" : isMet ? "yes" : "no";
      return [title, ...cells, compared, reach, verdict];
    });
    return [["", ...ways.map((way) => WAYS[way]), "compared", "reach", "met?"], ...rows];
  }
}

function lineOf({ row, rounds }: Measured, ways: readonly WayName[]): Line {
  const medians = mediansOf(rounds);
  const cells = ways.map((way) => {
    const figure = medians[way];
    return figure === undefined ? "" : format(figure);
  });
  const verdict = row.goal?.judge((way) => medians[way]);
  return {
    title: row.unit === "" ? row.title : `${row.title} (${row.unit})`,
    cells,
    compared: verdict?.compared ?? "",
    reach: row.goal?.reach ?? "",
    isMet: verdict?.isMet ?? null,
  };
}

function mediansOf(rounds: Measured["rounds"]): Partial<Record<WayName, number>> {
  return Object.fromEntries(WAY_NAMES.flatMap((way) => (rounds[way] ? [[way, median(rounds[way])]] : [])));
}

function format(value: number): string {
  return Math.abs(value) >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3);
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim();
}
