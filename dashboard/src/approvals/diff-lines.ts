/** A unified diff, line by line, with the numbers that its heads give. */

export type DiffLine = {
  kind: "added" | "removed" | "same" | "place";
  text: string;
  /** Where it stands in the old file and in the new one; null where it does not. */
  before: number | null;
  after: number | null;
};

/** File names above the first hunk say nothing that the call does not say, and are left out. */
export function diffLines(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let before = 0;
  let after = 0;
  let isInHunk = false;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    const place = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@(.*)$/.exec(line);
    if (place) {
      isInHunk = true;
      before = Number(place[1]);
      after = Number(place[2]);
      lines.push({ kind: "place", text: `Line ${after}${place[3] ?? ""}`, before: null, after: null });
    } else if (isInHunk && line.startsWith("+")) {
      lines.push({ kind: "added", text: line.slice(1), before: null, after: after++ });
    } else if (isInHunk && line.startsWith("-")) {
      lines.push({ kind: "removed", text: line.slice(1), before: before++, after: null });
    } else if (isInHunk && !line.startsWith("\\")) {
      lines.push({ kind: "same", text: line.slice(1), before: before++, after: after++ });
    }
  }
  return lines;
}

/** `2 lines added, 1 removed`. */
export function diffWords(lines: readonly DiffLine[]): string {
  const count = (kind: DiffLine["kind"]): number => lines.filter((line) => line.kind === kind).length;
  const [added, removed] = [count("added"), count("removed")];
  if (added + removed === 0) return "nothing changes";
  return `${added} ${added === 1 ? "line" : "lines"} added, ${removed} removed`;
}
