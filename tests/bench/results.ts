/** The results: rounds in, medians and ratios out, as a table and as JSON. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { median } from "./stats.ts";

/** `higher` is better for rates, `lower` for times. */
type Better = "higher" | "lower";
type Row = {
  name: string;
  unit: string;
  better: Better;
  rounds: { through: number[]; direct: number[] };
};

export class Results {
  readonly #rows = new Map<string, Row>();

  /** Adds one round's figure of the app's URL, and of the app itself where there is one to compare with. */
  add(name: string, unit: string, better: Better, figures: { through: number; direct?: number }): void {
    const row = this.#rows.get(name) ?? { name, unit, better, rounds: { through: [], direct: [] } };
    row.rounds.through.push(figures.through);
    if (figures.direct !== undefined) row.rounds.direct.push(figures.direct);
    this.#rows.set(name, row);
  }

  /** One line an entry. The ratio says how many times better (above 1) or worse the way through the app's URL is. */
  table(): string {
    const lines = this.#summary().map(({ name, unit, through, direct, ratio }) => [
      name,
      `${format(through)} ${unit}`,
      direct === null ? "" : `${format(direct)} ${unit}`,
      ratio === null ? "" : `${ratio.toFixed(3)} ×`,
    ]);
    const all = [["", "through the URL", "direct", "ratio"], ...lines];
    const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
    const pad = (text: string, column: number): string =>
      column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
    return all.map((cells) => cells.map(pad).join("   ").trimEnd()).join("\n");
  }

  write(path: string): void {
    const machine = { cores: availableParallelism(), model: cpus()[0]?.model ?? "unknown", node: process.version };
    const value = { at: new Date().toISOString(), commit: commit(), machine, entries: this.#summary() };
    writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
  }

  #summary() {
    return [...this.#rows.values()].map((row) => {
      const through = median(row.rounds.through);
      const direct = row.rounds.direct.length > 0 ? median(row.rounds.direct) : null;
      const ratio = direct === null ? null : row.better === "higher" ? through / direct : direct / through;
      return { ...row, through, direct, ratio };
    });
  }
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim();
}
