/** `search_files`: files below a folder by name, and lines in them. Links are not followed; what takes too long is cut short. */
import { lstat } from "node:fs/promises";
import { matchesPattern } from "@roundhouse/protocol/pattern";
import type { ToolArguments } from "@roundhouse/protocol/tool-arguments";
import { type Folder, openFolder } from "../../files/folder.ts";
import { notFound } from "../../files/list.ts";
import { openFile } from "../../files/open-file.ts";
import { FileProblem } from "../../files/problem.ts";
import { isGone } from "../../host/absent.ts";
import { isErrno } from "../../keeper/durable-file.ts";
import { isBinary } from "../binary.ts";
import { type Found, ToolProblem } from "../call.ts";
import type { ReadDeps } from "./deps.ts";

const LIMIT_MS = 15_000;
const MOST_DEPTH = 32;
const MOST_LOOKED_AT = 50_000;
/** Longer files are not searched for text. */
const MOST_TEXT_BYTES = 4 * 1024 * 1024;
const LINE_CHARACTERS = 200;
const MOST_CHARACTERS = 15_000;

class Search {
  readonly lines: string[] = [];
  cut: string | undefined;
  readonly #args: ToolArguments<"search_files">;
  readonly #deps: ReadDeps;
  readonly #signal: AbortSignal;
  readonly #endMs = Date.now() + LIMIT_MS;
  #characters = 0;
  #lookedAt = 0;

  constructor(deps: ReadDeps, args: ToolArguments<"search_files">, signal: AbortSignal) {
    this.#deps = deps;
    this.#args = args;
    this.#signal = signal;
  }

  async below(folder: Folder, path: string, depth = 0): Promise<void> {
    for (const bytes of (await folder.names()).toSorted((one, other) => one.compare(other))) {
      if (this.#isOver()) return;
      const found = await lstat(folder.at(bytes)).catch(isGone);
      const name = bytes.toString();
      const shown = path === "" ? name : `${path}/${name}`;
      if (found?.isDirectory()) await this.#enter(folder, bytes, shown, depth + 1);
      else if (found?.isFile() && matchesPattern(this.#args.name, name))
        await this.#look(folder, name, shown, found.size);
    }
  }

  async #enter(above: Folder, name: Buffer, shown: string, depth: number): Promise<void> {
    if (depth > MOST_DEPTH) return;
    const folder = await above.enter(name).catch(whenInTheWay);
    if (!folder) return;
    try {
      await this.below(folder, shown, depth);
    } finally {
      await folder.close();
    }
  }

  async #look(folder: Folder, name: string, shown: string, size: number): Promise<void> {
    const { text } = this.#args;
    if (text === undefined) return this.#add(`${shown}  ${size} bytes`);
    if (size > MOST_TEXT_BYTES) return;
    const bytes = await readWhole(this.#deps, folder, name);
    if (!bytes || isBinary(bytes)) return;
    for (const [index, line] of new TextDecoder().decode(bytes).split("\n").entries()) {
      if (this.#isOver()) return;
      if (line.includes(text)) this.#add(`${shown}:${index + 1}: ${line.slice(0, LINE_CHARACTERS)}`);
    }
  }

  #add(line: string): void {
    this.lines.push(line);
    this.#characters += line.length + 1;
  }

  #isOver(): boolean {
    this.#signal.throwIfAborted();
    this.#lookedAt += 1;
    if (this.lines.length >= this.#args.limit) this.cut = `there may be more than ${this.#args.limit}`;
    else if (this.#characters > MOST_CHARACTERS - LINE_CHARACTERS) this.cut = "there may be more";
    else if (Date.now() > this.#endMs || this.#lookedAt > MOST_LOOKED_AT) this.cut = "not everything was looked at";
    return this.cut !== undefined;
  }
}

export async function searchFiles(
  deps: ReadDeps,
  args: ToolArguments<"search_files">,
  signal: AbortSignal,
): Promise<Found> {
  const located = deps.places.locate(args.path, "find");
  if (located.is === "names") {
    throw new ToolProblem(`path: ${JSON.stringify(args.path)} is too wide. Name one: ${located.names.join(", ")}.`);
  }
  const folder = await openFolder(located.place);
  if (!folder) throw notFound(args.path);
  const search = new Search(deps, args, signal);
  try {
    await search.below(folder, "");
  } finally {
    await folder.close();
  }
  const rest = search.cut === undefined ? "" : `\n(${search.cut}: name a narrower folder or pattern.)`;
  return { ok: true, content: (search.lines.join("\n") || "(Nothing was found.)") + rest };
}

async function readWhole({ user }: ReadDeps, folder: Folder, name: string): Promise<Buffer | undefined> {
  const opened = await openFile(folder, name, user).catch(whenInTheWay);
  if (!opened) return undefined;
  try {
    const size = Math.min(Number(opened.found.size), MOST_TEXT_BYTES);
    const { buffer, bytesRead } = await opened.file.read(Buffer.alloc(size), 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await opened.file.close();
  }
}

/** What became a link, went away, or is not ours to read is passed over. */
function whenInTheWay(error: unknown): undefined {
  if (error instanceof FileProblem || isErrno(error, "ELOOP")) return undefined;
  return isGone(error);
}
