/** Files that a platform runs at each start of a machine, and our block in them. */
import type { Program } from "./program.ts";
import { startLine } from "./program.ts";

export type Hook = { file: string; note: string | null };

const BEGIN = "# >>> worker-agent >>>";
const END = "# <<< worker-agent <<<";
const SHEBANG = "#!/bin/bash\n";

/** The platform's hook for this user; undefined where none is known. */
export function hookOf(platform: string, { uid, home }: { uid: number; home: string }): Hook | undefined {
  switch (platform) {
    case "vast":
      return uid === 0 ? { file: "/root/onstart.sh", note: null } : undefined;
    case "runpod":
      return uid === 0 ? { file: "/post_start.sh", note: RUNPOD_NOTE } : undefined;
    case "lightning":
      return { file: `${home}/.lightning_studio/on_start.sh`, note: null };
    default:
      return undefined;
  }
}

const RUNPOD_NOTE =
  "RunPod clears this file when the pod stops. For a start after that, make the join line of the dashboard (on a volume " +
  "it needs no token any more) part of the pod's container start command.";

/** The block comes first, since what is there may end in something that never returns. Any older block of ours goes. */
export function withBlock(text: string | undefined, program: Program): string {
  const rest = withoutBlock(text ?? SHEBANG);
  const [, shebang = "", after = ""] = /^(#![^\n]*\n)?(.*)$/s.exec(rest) ?? [];
  return `${shebang}${BEGIN}\n${startLine(program)}\n${END}\n${after}`;
}

export function withoutBlock(text: string): string {
  const begin = text.indexOf(`${BEGIN}\n`);
  const end = text.indexOf(`${END}\n`);
  return begin < 0 || end < begin ? text : text.slice(0, begin) + text.slice(end + END.length + 1);
}
