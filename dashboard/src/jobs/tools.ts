/** The native tools as a person chooses them: in groups, each with what it does. */
import { splitTool } from "@roundhouse/protocol/tool-name";
import type { NativeToolName } from "@roundhouse/protocol/tools";

type Described = Readonly<Partial<Record<NativeToolName, string>>>;
type ToolGroup = { title: string; tools: Described };

const FILES = {
  list_files: "Lists a folder",
  read_file: "Reads a text file",
  search_files: "Finds files by name, and lines by their text",
  write_file: "Writes a text file, or adds to one",
} as const satisfies Described;
const NODE = {
  system_stats: "Processor, memory, disks and GPUs at this moment",
  exec_command: "Runs a program on the node",
  read_output: "Goes on reading a long output",
} as const satisfies Described;
const APPS = {
  list_instances: "Lists the instances of the node",
  instance_logs: "Reads the end of an instance's log",
  http_request: "Sends a request to a port of an instance",
  start_instance: "Starts an instance",
  stop_instance: "Stops an instance",
  restart_instance: "Stops an instance and starts it again",
  update_instance: "Takes the newest script of its blueprint and starts it",
} as const satisfies Described;

/** Does not compile when a tool is missing. */
const ALL: Readonly<Record<NativeToolName, string>> = { ...FILES, ...NODE, ...APPS };

export const TOOL_GROUPS: readonly ToolGroup[] = [
  { title: "Files", tools: FILES },
  { title: "The machine", tools: NODE },
  { title: "Apps", tools: APPS },
];

export const TOOL_NAMES = Object.keys(ALL) as NativeToolName[];

/** Chosen for a job, but no tool that is known: no native one, and none of a server that its nodes have. */
export function unknownTools(chosen: readonly string[], servers: readonly string[]): string[] {
  return chosen.filter((name) => {
    const ofServer = splitTool(name);
    return ofServer === undefined ? !Object.hasOwn(ALL, name) : !servers.includes(ofServer.server);
  });
}

/** All the native ones beside what else is chosen, or none of them. */
export function withNative(chosen: readonly string[], on: boolean): string[] {
  const others = chosen.filter((name) => !Object.hasOwn(ALL, name));
  return on ? [...TOOL_NAMES, ...others] : others;
}
