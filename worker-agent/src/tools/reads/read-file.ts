/** `read_file`: text from an offset on. */
import type { ToolArguments } from "@roundhouse/protocol/tool-arguments";
import { EMPTY_FILE_WORDS, goOnWords } from "@roundhouse/protocol/tool-call";
import { openFolder } from "../../files/folder.ts";
import { notFound } from "../../files/list.ts";
import { openFile } from "../../files/open-file.ts";
import { restOfCharacter, wholeCharacters } from "../../instances/log.ts";
import { isBinary } from "../binary.ts";
import type { Found } from "../call.ts";
import type { ReadDeps } from "./deps.ts";

/** With words around them these fit `MAX_RESULT_CHARACTERS`: no character takes less than a byte. */
const MOST_BYTES = 15_500;

export async function readFile(deps: ReadDeps, args: ToolArguments<"read_file">): Promise<Found> {
  const { folder: place, name } = deps.places.locateFile(args.path, "find");
  const folder = await openFolder(place);
  if (!folder) throw notFound(args.path);
  try {
    const { file, found } = await openFile(folder, name, deps.user);
    try {
      const wanted = Math.min(args.limit, MOST_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, args.offset);
      return part(buffer.subarray(0, bytesRead), args.offset, Number(found.size));
    } finally {
      await file.close();
    }
  } finally {
    await folder.close();
  }
}

function part(bytes: Uint8Array, offset: number, size: number): Found {
  if (offset > size) return { ok: false, content: `offset ${offset} lies behind the end: the file has ${size} bytes.` };
  if (isBinary(bytes)) return { ok: true, content: `This is no text: ${size} bytes, with NUL among them.` };
  const isLast = offset + bytes.length >= size;
  const start = offset > 0 ? restOfCharacter(bytes) : 0;
  const whole = isLast ? bytes : wholeCharacters(bytes);
  const text = new TextDecoder().decode(whole.subarray(start));
  if (isLast) return { ok: true, content: text === "" ? EMPTY_FILE_WORDS : text };
  const more = { size, next: offset + whole.length };
  return { ok: true, content: text + goOnWords(more), more };
}
