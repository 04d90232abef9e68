/** How MCP servers and their tools stand: a mark, a colour and a word. */
import type { McpServer, McpToolStatus } from "@roundhouse/protocol/api/mcp-server";
import { type Look, StatusMark } from "../instances/status.tsx";

type State = McpServer["state"];

const STATE_LOOKS: Readonly<Record<State, Look & { word: string }>> = {
  idle: { mark: "ring", tone: "off", word: "starts when needed" },
  starting: { mark: "turning", tone: "busy", word: "starting" },
  ready: { mark: "full", tone: "ok", word: "ready" },
  failed: { mark: "cross", tone: "bad", word: "failed" },
  unreachable: { mark: "dashed", tone: "lost", word: "unreachable" },
};
const TOOL_LOOKS: Readonly<Record<McpToolStatus, Look>> = {
  approved: { mark: "full", tone: "ok" },
  new: { mark: "half", tone: "busy" },
  changed: { mark: "half", tone: "bad" },
  blocked: { mark: "cross", tone: "off" },
  gone: { mark: "dashed", tone: "off" },
};

type ServerStateProps = { server: Pick<McpServer, "state" | "run" | "doing"> };

export function ServerState({ server: { state, run, doing } }: ServerStateProps) {
  const { mark, tone, word } = STATE_LOOKS[state];
  // What listens by itself is started by nobody here.
  if (state === "idle" && run.kind === "http") return <StatusMark mark="ring" tone="off" word="not asked yet" />;
  return <StatusMark mark={mark} tone={tone} word={state === "starting" && doing ? `starting: ${doing}` : word} />;
}

export function ToolStatusMark({ status }: { status: McpToolStatus }) {
  return <StatusMark {...TOOL_LOOKS[status]} word={status} />;
}

/** How many stand how. What waits for a person comes first. */
export function ToolCounts({ tools }: Pick<McpServer, "tools">) {
  const shown = (["changed", "new", "approved", "blocked"] as const).filter((status) => tools[status] > 0);
  if (shown.length === 0) return <span>no tool seen yet</span>;
  return (
    <>
      {shown.map((status) => (
        <StatusMark key={status} {...TOOL_LOOKS[status]} word={`${tools[status]} ${status}`} />
      ))}
    </>
  );
}
