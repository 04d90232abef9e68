/** What every kind of channel is opened with. */
import type { AppUser } from "../../blueprints/runtime.ts";
import type { DataRoot } from "../../host/data-root.ts";
import type { ChannelLog, foldersOf } from "../log.ts";

export type Opening = {
  root: DataRoot;
  /** The apps' user; null: the agent's own. */
  user: AppUser | null;
  folders: ReturnType<typeof foldersOf>;
  /** Of the channel: begins with the server's folder, and is no other channel's. */
  name: string;
  /** Those that have a value of their own, and those whose values are secrets. */
  variables: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, string>>;
  log: ChannelLog;
  redact: (text: string) => string;
  /** What takes long, for people. */
  tell: (doing: string) => void;
  /** Aborted when it is not wanted any more. */
  ending: AbortSignal;
  /** Aborted when the agent has no time left. */
  hurry: AbortSignal;
};
