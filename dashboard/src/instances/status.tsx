/** A status as a mark and a word: form, colour and word all say it. */
import { classes } from "../parts/classes.ts";
import type { ShownStatus } from "./rows.ts";
import css from "./status.module.css";

type Mark = "full" | "ring" | "turning" | "half" | "cross" | "dashed";
type Tone = "ok" | "busy" | "bad" | "lost" | "off";

const LOOKS: Readonly<Record<ShownStatus, Look>> = {
  started: { mark: "full", tone: "ok" },
  stopped: { mark: "ring", tone: "off" },
  installing: { mark: "turning", tone: "busy" },
  starting: { mark: "turning", tone: "busy" },
  stopping: { mark: "turning", tone: "off" },
  deleting: { mark: "turning", tone: "off" },
  stalled: { mark: "half", tone: "busy" },
  error: { mark: "cross", tone: "bad" },
  unreachable: { mark: "dashed", tone: "lost" },
};

export function Status({ status }: { status: ShownStatus }) {
  const { mark, tone } = LOOKS[status];
  return <StatusMark mark={mark} tone={tone} word={status} />;
}

export function NodeStatus({ online }: { online: boolean }) {
  return (
    <StatusMark mark={online ? "full" : "dashed"} tone={online ? "ok" : "lost"} word={online ? "online" : "offline"} />
  );
}

export type Look = { mark: Mark; tone: Tone };

export function StatusMark({ mark, tone, word }: Look & { word: string }) {
  return (
    <span class={classes(css.status, css[tone])}>
      <svg
        class={mark === "turning" ? css.turning : undefined}
        width="10"
        height="10"
        viewBox="-5 -5 10 10"
        aria-hidden="true"
      >
        {mark === "full" && <circle r="4" fill="currentColor" />}
        {mark !== "full" && mark !== "cross" && (
          <circle r="3.6" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray={DASHES[mark]} />
        )}
        {mark === "turning" && <path d="M0 -3.6V3.6" stroke="currentColor" stroke-width="1.4" />}
        {mark === "half" && <path d="M0 -3.6A3.6 3.6 0 0 0 0 3.6z" fill="currentColor" />}
        {mark === "cross" && (
          <path d="M-3.4 -3.4 3.4 3.4M3.4 -3.4-3.4 3.4" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
        )}
      </svg>
      {word}
    </span>
  );
}

const DASHES: Readonly<Partial<Record<Mark, string>>> = { dashed: "2.2 2.2" };
