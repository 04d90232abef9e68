/** Text of any length as it came: its beginning, and the rest when somebody wants it. */
import { useState } from "preact/hooks";
import { Button } from "./button.tsx";
import css from "./folded.module.css";

const SHOWN_LINES = 12;
const SHOWN_CHARACTERS = 1_500;

export function Folded({ label, text }: { label: string; text: string }) {
  const [isOpen, setOpen] = useState(false);
  const start = beginning(text);
  const isLong = start.length < text.length;
  const lines = text.split("\n").length;
  return (
    <div class={css.folded}>
      {/* It can be scrolled, so it can be reached by keyboard. */}
      <pre class={css.text} role="group" aria-label={label} tabIndex={0}>
        {isOpen ? text : start}
      </pre>
      {isLong && (
        <Button look="ghost" icon={isOpen ? "up" : "down"} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Show less" : lines > SHOWN_LINES ? `Show all ${lines} lines` : "Show all of it"}
        </Button>
      )}
    </div>
  );
}

function beginning(text: string): string {
  const cut = text.split("\n", SHOWN_LINES).join("\n");
  return cut.length > SHOWN_CHARACTERS ? cut.slice(0, SHOWN_CHARACTERS) : cut;
}
