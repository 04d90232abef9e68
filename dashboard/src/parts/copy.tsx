/** Text to be copied: a command, a key shown once. */
import { useState } from "preact/hooks";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";
import css from "./copy.module.css";

const DONE_FOR_MS = 1_600;

type CopyProps = {
  text: string;
  label: string;
  /** Why it is only shown for now. */
  blocked?: string | undefined;
};

export function CopyField({ text, label, blocked }: CopyProps) {
  return (
    <div class={css.copy}>
      <code class={classes(blocked !== undefined && css.faint)} tabIndex={0} aria-label={label}>
        {text}
      </code>
      <CopyButton text={text} label="Copy" blocked={blocked} />
    </div>
  );
}

export function CopyButton({ text, label, blocked }: CopyProps) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    await copyText(text);
    setDone(true);
    setTimeout(() => setDone(false), DONE_FOR_MS);
  };
  return (
    <>
      <Button icon={done ? "check" : "copy"} blocked={blocked} onClick={() => void copy()}>
        {done ? "Copied" : label}
      </Button>
      <span class="visually-hidden" aria-live="polite">
        {done ? "Copied" : ""}
      </span>
    </>
  );
}

async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  // The clipboard API exists on https and localhost only.
  const area = document.createElement("textarea");
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
