/** What an MCP server is, in words: how it is run or reached, and what it is given. Pure. */
import type { McpServer, NewMcpServer } from "@roundhouse/protocol/api/mcp-server";
import type { EnvironmentVariable } from "@roundhouse/protocol/variables";

type Row = readonly [name: string, value: string];
/** As a request may leave out what has a default. */
type Run = NewMcpServer["run"];
type Container = Extract<Run, { kind: "container" }>;

/** In one line: the command, the image with its arguments, or the port. */
export function runInShort(run: Run): string {
  switch (run.kind) {
    case "command":
      return [run.command, ...(run.args ?? [])].map(quoted).join(" ");
    case "container":
      return [run.image, ...(run.args ?? []).map(quoted)].join(" ");
    case "http":
      return `port ${run.port}${run.path ?? "/mcp"}`;
  }
}

/** Everything that is run and given, one fact a row. */
export function serverInWords(server: Omit<NewMcpServer, "node">, nodeName: string): Row[] {
  const { name, run, env = [], idleMinutes } = server;
  return [
    ["Name", name],
    ["Node", nodeName],
    ...runRows(run),
    ["Variables", env.map(variableWords).join("\n") || "none"],
    ...(run.kind === "http" ? [] : [["Ends", idleWords(idleMinutes === undefined ? 15 : idleMinutes)] as const]),
  ];
}

export function idleWords(minutes: number | null): string {
  if (minutes === null) return "never by itself";
  return `after ${minutes} ${minutes === 1 ? "minute" : "minutes"} without a request`;
}

function runRows(run: Run): Row[] {
  switch (run.kind) {
    case "command":
      return [
        ["Command", runInShort(run)],
        ["Runs", "as a program of the node, as the apps' user, with what that one can reach"],
      ];
    case "container":
      return containerRows(run);
    case "http":
      return [
        ["Reached at", `port ${run.port} of the node, ${run.path ?? "/mcp"}`],
        ["Speaks", run.transport === "sse" ? "HTTP+SSE of 2024-11-05" : "Streamable HTTP"],
        [
          "Headers",
          Object.entries(run.headers ?? {})
            .map(headerWords)
            .join("\n") || "none",
        ],
      ];
  }
}

function containerRows(run: Container): Row[] {
  const { image, entrypoint, args = [], mounts = [], network, memory, user, writable, cpus } = run;
  return [
    ["Image", image],
    ...(entrypoint === undefined ? [] : [["Entrypoint", entrypoint.map(quoted).join(" ")] as const]),
    ["Arguments", args.map(quoted).join(" ") || "none"],
    ["Mounts", mounts.map(mountWords).join("\n") || "none: it sees no folder of the node"],
    ["Network", network === true ? "yes: it reaches other machines" : "no: it reaches no other machine"],
    ["Memory", memory === undefined ? "all of its node's" : `at most ${memory}`],
    ...(cpus === undefined ? [] : [["Processors", `at most ${cpus}`] as const]),
    ...(user === undefined ? [] : [["User", textOf(user)] as const]),
    ...(writable === true ? [["Its own files", "it may write to them; they are gone with it"] as const] : []),
  ];
}

function mountWords({ from, to, readonly = true }: NonNullable<Container["mounts"]>[number]): string {
  return `${from} as ${to} (${readonly ? "read-only" : "it may write"})`;
}

function headerWords([header, variable]: [string, string]): string {
  return `${header}: what the variable ${variable} holds`;
}

function variableWords({ name, value = "", secret }: EnvironmentVariable): string {
  return secret === undefined ? `${name}=${value}` : `${name}: the secret ${secret}`;
}

/** The API takes a number for a text here. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** As a shell would need it. */
function quoted(part: string): string {
  if (part !== "" && /^[\w@%+=:,./{}-]+$/.test(part)) return part;
  return `'${part.replaceAll("'", `'\\''`)}'`;
}

/** Who uses it now: sessions, or requests where it has none. */
export function sessionWords({ run, sessions }: Pick<McpServer, "run" | "sessions">): string {
  if (sessions === 0) return "nobody uses it now";
  const noun = run.kind === "http" && run.transport === "streamable" ? "request" : "session";
  return `${sessions} ${noun}${sessions === 1 ? "" : "s"}${noun === "request" ? " under way" : ""}`;
}
