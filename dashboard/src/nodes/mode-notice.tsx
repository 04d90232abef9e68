/** Says that a node cannot do everything now, why, and what to do. */
import type { Hosting } from "@roundhouse/protocol/facts";
import { Warning } from "../parts/notice.tsx";
import { modeWords } from "./hosting-words.ts";

export function ModeNotice({ hosting }: { hosting: Hosting | undefined }) {
  const words = modeWords(hosting);
  if (words === undefined) return null;
  return (
    <Warning title={words.title}>
      <p>{words.reason}</p>
      <p>{words.advice}</p>
    </Warning>
  );
}
