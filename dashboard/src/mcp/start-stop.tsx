/** Starts a server and reads its tools, or ends it. */
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toastError } from "../shell/toasts.tsx";
import { startServer, stopServer } from "./actions.ts";

export function StartStop({ server }: { server: McpServer }) {
  const { name, state, run, nodeName } = server;
  const starting = useSubmit(() => startServer(server).catch(toastError));
  const stopping = useSubmit(() => stopServer(server).catch(toastError));
  const away = state === "unreachable" ? `${nodeName} is not connected.` : undefined;
  const blocked = blockedFor("operator") ?? away;
  const isHttp = run.kind === "http";
  if (!isHttp && (state === "ready" || state === "starting")) {
    return (
      <Button icon="stop" aria-label={`Stop ${name}`} blocked={blocked} busy={stopping.busy} onClick={stopping.submit}>
        Stop
      </Button>
    );
  }
  return (
    <Button
      icon={isHttp ? "restart" : "play"}
      aria-label={isHttp ? `Read its tools: ${name}` : `Start ${name}`}
      blocked={blocked}
      busy={starting.busy}
      onClick={starting.submit}
    >
      {isHttp ? "Read its tools" : "Start"}
    </Button>
  );
}
