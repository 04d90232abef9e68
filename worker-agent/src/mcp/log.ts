/** The log of one server, which all its channels write to. */
import { join } from "node:path";
import type { DataRoot } from "../host/data-root.ts";
import { type LogWriter, openLog } from "../keeper/log.ts";
import { redactedLog } from "../keeper/redacted-log.ts";

export type ChannelLog = Pick<LogWriter, "write" | "note" | "flush">;

export class ServerLog {
  readonly #dir: string;
  readonly #onError: (error: unknown) => void;
  #writer: Promise<LogWriter> | undefined;
  #turn: Promise<void> = Promise.resolve();

  /** `onError` is told why the disk does not take it; no server ends for that. */
  constructor(dir: string, onError: (error: unknown) => void) {
    this.#dir = dir;
    this.#onError = onError;
  }

  /** For one channel: what could be the beginning of a secret is held back for that one alone. */
  channel(secrets: readonly string[]): ChannelLog {
    return redactedLog(
      {
        write: (bytes) => this.#do((writer) => writer.write(bytes)),
        note: (text) => this.#do((writer) => writer.note(text)),
        flush: async () => undefined,
        close: async () => undefined,
      },
      secrets,
    );
  }

  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await this.#turn;
    await writer?.then((one) => one.close()).catch(this.#onError);
  }

  /** One after the other, as a log wants it. */
  #do(act: (writer: LogWriter) => Promise<void>): Promise<void> {
    const done = this.#turn.then(() => this.#act(act));
    this.#turn = done;
    return done;
  }

  async #act(act: (writer: LogWriter) => Promise<void>): Promise<void> {
    const writer = (this.#writer ??= openLog(this.#dir));
    try {
      await act(await writer);
    } catch (error) {
      if (this.#writer === writer) this.#writer = undefined;
      this.#onError(error);
    }
  }
}

const SERVER_ID = /^[A-Za-z0-9_]{1,64}$/;

/** The folders of a server. Its id comes over the link and must not lead out. */
export function foldersOf(root: DataRoot, id: string) {
  if (!SERVER_ID.test(id)) throw new Error(`not an MCP server's id: ${JSON.stringify(id)}`);
  const own = join(root.mcpDir, id);
  const stateDir = join(root.mcpStateDir, id);
  return { own, homeDir: join(own, ".home"), tmpDir: join(own, ".tmp"), stateDir, logDir: join(stateDir, "logs") };
}
