/** A live log with its tools: search, follow, wrap, download. */
import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import type { LinkState } from "../live/socket.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { plural } from "../parts/format.ts";
import { stored } from "../parts/stored.ts";
import { toastError } from "../shell/toasts.tsx";
import { LogBuffer } from "./buffer.ts";
import { downloadLog } from "./download.ts";
import css from "./log.module.css";
import { LogView } from "./log-view.tsx";
import { LogSearch, type Match } from "./search.ts";
import { followLog } from "./stream.ts";

const SETTLE_MS = 120;
const wrapLines = stored<boolean>("roundhouse.log.wrap", true);

export function LogPane({ instanceId, name }: { instanceId: string; name: string }) {
  const buffer = useMemo(() => new LogBuffer(), [instanceId]);
  const [version, changed] = useReducer<number, void>((count) => count + 1, 0);
  const [link, setLink] = useState<LinkState>("connecting");
  const [follow, setFollow] = useState(true);
  const [word, setWord] = useState("");
  const [current, setCurrent] = useState<Match>();

  useEffect(() => {
    setFollow(true);
    let stop: (() => void) | undefined;
    // Somebody who runs down the table with the arrow keys wants no socket for every row on the way.
    const settled = setTimeout(() => {
      stop = followLog(instanceId, buffer, { onState: setLink, onChange: () => changed() });
    }, SETTLE_MS);
    return () => {
      clearTimeout(settled);
      stop?.();
    };
  }, [instanceId, buffer]);

  const search = useMemo(() => new LogSearch(word), [word, buffer]);
  const matches = useMemo(() => {
    search.sync(buffer);
    return search.matches;
  }, [search, buffer, version]);
  // The chosen match is kept, not its number: numbers shift when the oldest lines go.
  const position = current === undefined ? -1 : matches.indexOf(current);

  const move = (step: 1 | -1): void => {
    if (matches.length === 0) return;
    const from = position < 0 ? (step > 0 ? -1 : 0) : position;
    setCurrent(matches[(from + step + matches.length) % matches.length]);
  };
  const empty = buffer.end <= 1 && buffer.line(0).text === "";

  return (
    <section class={css.pane} aria-label={`Log of ${name}`}>
      <div class={css.tools} role="toolbar" aria-label="Log">
        <label class={css.search}>
          <span class="visually-hidden">Search the log</span>
          <input
            type="search"
            placeholder="Search log"
            value={word}
            onInput={(event) => {
              setWord(event.currentTarget.value);
              setCurrent(undefined);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") move(event.shiftKey ? -1 : 1);
              if (event.key === "Escape" && word !== "") {
                event.stopPropagation();
                setWord("");
                setCurrent(undefined);
              }
            }}
          />
        </label>
        {word !== "" && (
          <span class={css.count} aria-live="polite">
            {position >= 0
              ? `${position + 1} of ${matches.length}`
              : plural(matches.length, "match").replace("hs", "hes")}
          </span>
        )}
        <IconButton icon="up" label="Previous match (Shift+Enter)" onClick={() => move(-1)} />
        <IconButton icon="down" label="Next match (Enter)" onClick={() => move(1)} />
        <span class={css.space} />
        {link !== "live" && <span class={css.link}>{link === "connecting" ? "Connecting…" : "Reconnecting…"}</span>}
        <IconButton
          icon="wrap"
          label="Wrap long lines"
          pressed={wrapLines.value}
          onClick={() => (wrapLines.value = !wrapLines.value)}
        />
        <IconButton icon="follow" label="Follow the end" pressed={follow} onClick={() => setFollow(!follow)} />
        <IconButton
          icon="download"
          label="Download the whole log"
          onClick={() => void downloadLog(instanceId, `${name}.log`).catch(toastError)}
        />
      </div>
      <div class={css.stage}>
        <LogView
          buffer={buffer}
          version={version}
          wrap={wrapLines.value}
          follow={follow}
          onFollow={setFollow}
          matches={matches}
          current={current}
          label={`Log text of ${name}`}
        />
        {empty && <p class={css.waiting}>{link === "live" ? "No output yet." : "Waiting for the log…"}</p>}
        {!follow && !empty && (
          <div class={css.jump}>
            <Button icon="follow" onClick={() => setFollow(true)}>
              Jump to end
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
