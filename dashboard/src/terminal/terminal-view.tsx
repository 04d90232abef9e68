/** One terminal with its tools above it, and its end told below. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Button } from "../parts/button.tsx";
import { classes } from "../parts/classes.ts";
import type { End } from "./session.ts";
import css from "./terminal.module.css";
import { useTerminal } from "./use-terminal.ts";

type TerminalViewProps = {
  instanceId: string;
  name: string;
  /** For those who cannot see it. */
  label: string;
  onOpen: () => void;
  /** Another one of the same name is wanted. */
  onAgain: () => void;
  /** The tools. */
  children: ComponentChildren;
};

export function TerminalView({ instanceId, name, label, onOpen, onAgain, children }: TerminalViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const tools = useRef<HTMLDivElement>(null);
  const onLeave = (): void => tools.current?.querySelector<HTMLElement>("select, button")?.focus();
  const { link, end } = useTerminal(host, { instanceId, name, label, onOpen, onLeave });
  return (
    <>
      <div ref={tools} class={css.tools} role="toolbar" aria-label="Terminal">
        {children}
      </div>
      <div class={css.stage}>
        <div ref={host} class={classes(css.host, (end !== undefined || link === "reconnecting") && css.away)} />
        {end ? (
          <div class={css.end} role="alert">
            <p>
              <strong>{endTitle(end)}</strong>
              {end.why === "error" && end.hint !== undefined && ` ${end.hint}`}
            </p>
            <Button icon="restart" onClick={onAgain}>
              {end.why === "exit" || end.code === "gone" ? "Open a new one" : "Try again"}
            </Button>
          </div>
        ) : (
          link !== "live" && (
            <p class={css.link} role="status">
              {link === "connecting" ? "Connecting…" : "Reconnecting… What it prints meanwhile is shown then."}
            </p>
          )
        )}
      </div>
    </>
  );
}

function endTitle(end: End): string {
  if (end.why === "error") return end.message;
  if (end.signal !== null) return `The terminal was ended (${end.signal}).`;
  return `The shell has ended (exit code ${end.code ?? "unknown"}).`;
}
