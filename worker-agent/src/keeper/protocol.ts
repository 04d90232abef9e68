/** What an agent and a keeper say to each other: newline-delimited JSON on a unix socket. Unknown types are ignored. */
import { parseJson } from "@roundhouse/protocol/json";
import * as z from "zod";
import { ExitRecord, KeeperRecord, StopCause } from "./spec.ts";

export const KEEPER_PROTOCOL_VERSION = 1;

/** Longest line either side accepts, in characters. */
const MAX_LINE_LENGTH = 64 * 1024;

export const KeeperState = z.object({ record: KeeperRecord, stopping: z.boolean(), exit: ExitRecord.nullable() });
export type KeeperState = z.infer<typeof KeeperState>;

const AgentLine = z.discriminatedUnion("type", [
  z.object({ type: z.literal("agent.hello"), version: z.int() }),
  z.object({ type: z.literal("agent.status") }),
  /** SIGTERM now, SIGKILL after the grace (the spec's when absent). A later stop can only shorten it. */
  z.object({ type: z.literal("agent.stop"), graceMs: z.int().min(0).optional(), cause: StopCause }),
]);
export type AgentLine = z.infer<typeof AgentLine>;

const KeeperLine = z.discriminatedUnion("type", [
  z.object({ type: z.literal("keeper.hello"), version: z.int(), state: KeeperState }),
  z.object({ type: z.literal("keeper.status"), state: KeeperState }),
  /** The child ended and that is on disk. The connection closes once its leftovers are gone too. */
  z.object({ type: z.literal("keeper.exited"), exit: ExitRecord }),
]);
export type KeeperLine = z.infer<typeof KeeperLine>;

export function encodeLine(message: AgentLine | KeeperLine): string {
  return `${JSON.stringify(message)}\n`;
}

/** Takes chunks of the stream and hands on each message of the agent. */
export function readAgentLines(onMessage: (message: AgentLine) => void): (chunk: string) => void {
  return readLines(AgentLine, onMessage);
}

/** Takes chunks of the stream and hands on each message of the keeper. */
export function readKeeperLines(onMessage: (message: KeeperLine) => void): (chunk: string) => void {
  return readLines(KeeperLine, onMessage);
}

function readLines<M>(schema: z.ZodType<M>, onMessage: (message: M) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE_LENGTH) rest = "";
    for (const line of lines) {
      const parsed = schema.safeParse(parseJson(line));
      if (parsed.success) onMessage(parsed.data);
    }
  };
}
