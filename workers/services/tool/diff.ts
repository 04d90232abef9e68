/** What a write would change: a unified diff against the file as its node has it now. */
import { createTwoFilesPatch } from "diff";
import { EMPTY_FILE_WORDS, goOnWords, type ToolCallAnswer } from "@roundhouse/protocol/tool-call";
import type { NATIVE_TOOLS } from "@roundhouse/protocol/tools";
import type * as z from "zod";

type WriteFile = z.output<typeof NATIVE_TOOLS.write_file.input>;
/** Reads from an offset on, under an id that `part` makes its own. */
export type ReadPart = (part: number, path: string, offset: number) => Promise<ToolCallAnswer>;

const MAX_PARTS = 20;
const MAX_CHARACTERS = 200_000;

/** null where the node does not let the file be read, or where it is too long. What `read` throws is thrown. */
export async function diffOfWrite(write: WriteFile, read: ReadPart): Promise<string | null> {
  const before = await readWhole(write.path, read);
  if (before === null) return null;
  const after = write.mode === "append" ? before + write.content : write.content;
  const text = createTwoFilesPatch(write.path, write.path, before, after, "now", "afterwards");
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}\n… (the rest is left out)`;
}

/** The file's text, "" for one that is not there. */
async function readWhole(path: string, read: ReadPart): Promise<string | null> {
  let text = "";
  let offset = 0;
  for (let part = 0; part < MAX_PARTS; part += 1) {
    const answer = await read(part, path, offset);
    if (answer.state !== "done") return null;
    const { ok, content, more } = answer.result;
    if (!ok) return part === 0 ? "" : null;
    if (more === null) return content === EMPTY_FILE_WORDS ? text : text + content;
    text += content.slice(0, -goOnWords(more).length);
    offset = more.next;
  }
  return null;
}
