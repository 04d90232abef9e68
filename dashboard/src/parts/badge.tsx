/** How many of something want a person; nothing when none does. */
import css from "./badge.module.css";

export function Badge({ count, words }: { count: number; words: string }) {
  if (count === 0) return null;
  return (
    <span class={css.badge} title={`${count} ${words}`}>
      {count}
      <span class="visually-hidden"> {words}</span>
    </span>
  );
}
