/** How a client connects to a server. */
import { Link } from "wouter-preact";
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import { CopyField } from "../parts/copy.tsx";
import { commandFor, jsonFor } from "./connect.ts";
import css from "./mcp.module.css";

export function ConnectPane({ server }: { server: McpServer }) {
  return (
    <div class={css.pane}>
      <p>
        Any MCP client reaches it at its URL, with an API key in place of <code>rhk_…</code>. Make one under{" "}
        <Link href="/settings">Settings</Link>: a viewer&apos;s key sees the tools, an operator&apos;s may call them.
        Only approved tools are there.
      </p>
      <h2>In a terminal</h2>
      <CopyField text={commandFor(server)} label="Command that adds it" />
      <h2>In a client&apos;s file</h2>
      <CopyField text={jsonFor(server)} label="JSON that adds it" />
    </div>
  );
}
