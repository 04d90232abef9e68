/** What changes in a text: readable by sign, by colour, and by ear. */
import { classes } from "../parts/classes.ts";
import { Visible } from "../parts/visible.tsx";
import css from "./approvals.module.css";
import { type DiffLine, diffLines, diffWords } from "./diff-lines.ts";

const SIGNS: Readonly<Record<DiffLine["kind"], string>> = { added: "+", removed: "−", same: " ", place: "" };

export function Diff({ diff, label = "What would change" }: { diff: string; label?: string }) {
  const lines = diffLines(diff);
  return (
    <figure class={css.diff}>
      <figcaption>{diffWords(lines)}</figcaption>
      <div class={css.lines} role="group" aria-label={label} tabIndex={0}>
        {lines.map((line, index) => (
          <div key={index} class={classes(css.line, css[line.kind])}>
            <span class={css.lineNumber} aria-hidden="true">
              {line.after ?? line.before ?? ""}
            </span>
            <span class={css.sign} aria-hidden="true">
              {SIGNS[line.kind]}
            </span>
            <LineText line={line} />
          </div>
        ))}
      </div>
    </figure>
  );
}

function LineText({ line: { kind, text } }: { line: DiffLine }) {
  const shown = <Visible text={text} />;
  switch (kind) {
    case "added":
      return <ins>{shown}</ins>;
    case "removed":
      return <del>{shown}</del>;
    case "same":
    case "place":
      return shown;
  }
}
