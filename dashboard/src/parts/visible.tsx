/** A stranger's text as it is: never markup, and nothing of it unseen. */
import css from "./visible.module.css";
import { visibleParts } from "./visible.ts";

export function Visible({ text }: { text: string }) {
  return (
    <span class={css.text}>
      {visibleParts(text).map((part, index) =>
        part.hidden ? (
          <span key={index} class={css.hidden} title="A character that cannot be seen">
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
    </span>
  );
}
