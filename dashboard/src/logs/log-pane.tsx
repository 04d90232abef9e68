/** A live log with its tools. */
import { useState } from "preact/hooks";
import { Button, IconButton } from "../parts/button.tsx";
import { stored } from "../parts/stored.ts";
import { toastError } from "../shell/toasts.tsx";
import { downloadLog } from "./download.ts";
import css from "./log.module.css";
import { LogTools } from "./log-tools.tsx";
import { LogView } from "./log-view.tsx";
import { useLiveLog, useLogFinder } from "./use-log.ts";

const wrapLines = stored<boolean>("roundhouse.log.wrap", true);

/** `path`: the API's, of the log; give it as key, too: another one is another log. */
export function LogPane({ path, name }: { path: string; name: string }) {
  const live = useLiveLog(path);
  const finder = useLogFinder(live);
  const [follow, setFollow] = useState(true);
  const { buffer, version, link } = live;
  const empty = buffer.end <= 1 && buffer.line(0).text === "";

  return (
    <section class={css.pane} aria-label={`Log of ${name}`}>
      <LogTools finder={finder}>
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
          onClick={() => void downloadLog(path, `${name}.log`).catch(toastError)}
        />
      </LogTools>
      <div class={css.stage}>
        <LogView
          buffer={buffer}
          version={version}
          wrap={wrapLines.value}
          follow={follow}
          onFollow={setFollow}
          matches={finder.matches}
          current={finder.current}
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
