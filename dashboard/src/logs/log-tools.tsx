/** The tools above a log: search, wrap, follow, download. */
import type { ComponentChildren } from "preact";
import { IconButton } from "../parts/button.tsx";
import css from "./log.module.css";
import type { LogFinder } from "./use-log.ts";

export function LogTools({ finder, children }: { finder: LogFinder; children: ComponentChildren }) {
  const { word, setWord, matches, position, move } = finder;
  const found = matches.length === 1 ? "1 match" : `${matches.length} matches`;
  return (
    <div class={css.tools} role="toolbar" aria-label="Log">
      <label class={css.search}>
        <span class="visually-hidden">Search the log</span>
        <input
          type="search"
          placeholder="Search log"
          value={word}
          onInput={(event) => setWord(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") move(event.shiftKey ? -1 : 1);
            if (event.key !== "Escape" || word === "") return;
            event.stopPropagation();
            setWord("");
          }}
        />
      </label>
      {word !== "" && (
        <span class={css.count} aria-live="polite">
          {position >= 0 ? `${position + 1} of ${matches.length}` : found}
        </span>
      )}
      <IconButton icon="up" label="Previous match (Shift+Enter)" onClick={() => move(-1)} />
      <IconButton icon="down" label="Next match (Enter)" onClick={() => move(1)} />
      <span class={css.space} />
      {children}
    </div>
  );
}
