/** The MCP servers of the pool, by node. */
import { useQuery } from "@tanstack/preact-query";
import { useLocation } from "wouter-preact";
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { plural } from "../parts/format.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import css from "./mcp.module.css";
import { McpNav } from "./mcp-nav.tsx";
import { NEW_PATH } from "./paths.ts";
import { mcpServersQuery } from "./queries.ts";
import { ServerCard } from "./server-card.tsx";

export function McpServersPage() {
  const { data: servers = [], error, isPending } = useQuery(mcpServersQuery);
  const [, navigate] = useLocation();
  const waiting = servers.reduce((sum, { tools }) => sum + tools.new + tools.changed, 0);
  return (
    <div class={frame.page}>
      <header class={frame.head}>
        <div>
          <h1>MCP servers</h1>
          <p class={frame.quiet}>
            {plural(servers.length, "server")}
            {waiting > 0 && `, ${plural(waiting, "tool")} to look at`}
          </p>
        </div>
        <Button icon="plus" look="primary" blocked={blockedFor("operator")} onClick={() => navigate(NEW_PATH)}>
          Add a server
        </Button>
      </header>
      <McpNav />
      <ErrorNotice error={error} />
      {servers.length === 0 && !isPending && !error && <NoServers />}
      {byNode(servers).map(([node, ofNode]) => (
        <section key={node} class={css.group} aria-label={`MCP servers of ${ofNode[0]?.nodeName}`}>
          <h2>{ofNode[0]?.nodeName}</h2>
          <ul class={css.list}>
            {ofNode.map((server) => (
              <ServerCard key={server.id} server={server} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function NoServers() {
  return (
    <EmptyPlace title="No MCP server yet">
      <p>
        An MCP server gives models tools: files of a folder, a database, a git repository, a search. It runs on one of
        your nodes, starts when somebody needs it, and jobs and any MCP client use it through this control plane. Add
        one, look at what its tools say, and approve those that you want used.
      </p>
    </EmptyPlace>
  );
}

function byNode(servers: readonly McpServer[]): [string, McpServer[]][] {
  const groups = Map.groupBy(
    servers.toSorted((a, b) => a.nodeName.localeCompare(b.nodeName) || a.name.localeCompare(b.name)),
    ({ node }) => node,
  );
  return [...groups];
}
