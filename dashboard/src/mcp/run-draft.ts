/** An MCP server as its form has it: lists are texts until they are sent. Pure. */
import type { McpServer, NewMcpServer } from "@roundhouse/protocol/api/mcp-server";
import type { McpRun } from "@roundhouse/protocol/mcp";
import type { EnvironmentVariable } from "@roundhouse/protocol/variables";

type Kind = McpRun["kind"];
type Run = NewMcpServer["run"];
type ContainerRun = Extract<Run, { kind: "container" }>;

export type MountRow = { from: string; to: string; readonly: boolean };
/** What was typed for one kind is there again when a person comes back to it. */
export type ServerDraft = {
  name: string;
  node: string;
  kind: Kind;
  command: string;
  /** One a line, of a command and of a container. */
  args: string;
  image: string;
  mounts: readonly MountRow[];
  network: boolean;
  writable: boolean;
  memory: string;
  /** Of a container: what the form does not show, as it was. */
  rest: Partial<ContainerRun>;
  port: string;
  path: string;
  transport: "streamable" | "sse";
  /** One a line: `Header: VARIABLE`. */
  headers: string;
  env: readonly EnvironmentVariable[];
  /** Empty: it stays. */
  idleMinutes: string;
  preset: string | null;
};

export function emptyServer(node: string): ServerDraft {
  return {
    ...{ name: "", node, kind: "command", command: "", args: "", image: "", mounts: [], network: false },
    ...{ writable: false, memory: "", rest: {}, port: "", path: "/mcp", transport: "streamable", headers: "" },
    ...{ env: [], idleMinutes: "15", preset: null },
  };
}

/** Of a server that there is, or one that a preset was filled into. */
export function draftOfServer(server: McpServer | NewMcpServer): ServerDraft {
  const { name, node, run, env = [], idleMinutes = 15, preset = null } = server;
  const idle = idleMinutes === null ? "" : String(idleMinutes);
  return { ...emptyServer(node), name, env, idleMinutes: idle, preset, kind: run.kind, ...runDraft(run) };
}

function runDraft(run: Run): Partial<ServerDraft> {
  switch (run.kind) {
    case "command":
      return { command: run.command, args: (run.args ?? []).join("\n") };
    case "container": {
      const { image, args = [], mounts = [], network = false, writable = false, memory = "", ...rest } = run;
      const rows = mounts.map(({ from, to, readonly = true }) => ({ from, to, readonly }));
      return { image, args: args.join("\n"), mounts: rows, network, writable, memory, rest };
    }
    case "http": {
      const { port, path = "/mcp", transport = "streamable", headers = {} } = run;
      const lines = Object.entries(headers).map(([header, variable]) => `${header}: ${variable}`);
      return { port: String(port), path, transport, headers: lines.join("\n") };
    }
  }
}

/** What is sent. A number that is none goes as it was typed: the answer quotes it. */
export function serverBody(draft: ServerDraft): NewMcpServer {
  const { name, node, env, idleMinutes, preset } = draft;
  const idle = idleMinutes.trim() === "" ? null : asTyped(idleMinutes);
  return { name: name.trim(), node, run: runBody(draft), env: [...env], idleMinutes: idle as number | null, preset };
}

function runBody(draft: ServerDraft): Run {
  const args = linesOf(draft.args);
  switch (draft.kind) {
    case "command":
      return { kind: "command", command: draft.command.trim(), args };
    case "container": {
      const { rest, image, network, writable, memory } = draft;
      const mounts = draft.mounts.filter(({ from, to }) => from.trim() !== "" || to.trim() !== "");
      const limit = memory.trim() === "" ? {} : { memory: memory.trim() };
      return { ...rest, kind: "container", image: image.trim(), args, mounts, network, writable, ...limit };
    }
    case "http": {
      const { port, path, transport, headers } = draft;
      return { kind: "http", port: asTyped(port) as number, path: path.trim(), transport, headers: headersOf(headers) };
    }
  }
}

/** An argument may have spaces around it, but none is an empty line. */
function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function headersOf(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

function asTyped(text: string): number | string {
  const trimmed = text.trim();
  return trimmed !== "" && Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
}
