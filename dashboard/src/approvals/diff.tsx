/** What a call would change in a file: readable by sign, by colour, and by ear. */
import { classes } from "../parts/classes.ts";
import css from "./approvals.module.css";
import { type DiffLine, diffLines, diffWords } from "./diff-lines.ts";

const SIGNS: Readonly<Record<DiffLine["kind"], string>> = { added: "+", removed: "−", same: " ", place: "" };

export function Diff({ diff }: { diff: string }) {
  const lines = diffLines(diff);
  return (
    <figure class={css.diff}>
      <figcaption>{diffWords(lines)}</figcaption>
      <div class={css.lines} role="group" aria-label="What would change" tabIndex={0}>
        {lines.map((line, index) => (
          <div key={index} class={classes(css.line, css[line.kind])}>
            <span class={css.lineNumber} aria-hidden="true">
              {line.after ?? line.before ?? ""}
            </span>
            <span class={css.sign} aria-hidden="true">
              {SIGNS[line.kind]}
            </span>
            {line.kind === "added" && <ins>{line.text}</ins>}
            {line.kind === "removed" && <del>{line.text}</del>}
            {(line.kind === "same" || line.kind === "place") && <span>{line.text}</span>}
          </div>
        ))}
      </div>
    </figure>
  );
}
