/** One MCP server: its tools and what is decided about them, a way to try them, its log, how clients reach it, and its settings. */
import { useQuery } from "@tanstack/preact-query";
import { Link, useLocation, useSearch } from "wouter-preact";
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import { LogPane } from "../logs/log-pane.tsx";
import { CopyField } from "../parts/copy.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { type Tab, Tabs } from "../parts/tabs.tsx";
import { ConnectPane } from "./connect-pane.tsx";
import { ServerState, ToolCounts } from "./marks.tsx";
import css from "./mcp.module.css";
import { serverApi, serverPath, SERVERS_PATH } from "./paths.ts";
import { mcpServerQuery } from "./queries.ts";
import { runInShort, sessionWords } from "./run-words.ts";
import { ServerFailure } from "./server-failure.tsx";
import { SettingsPane } from "./settings-pane.tsx";
import { StartStop } from "./start-stop.tsx";
import { ToolsPane } from "./tools-pane.tsx";
import { TryPane } from "./try-pane.tsx";

type Shown = { server: McpServer; tool: string | null };

const TABS: readonly Tab<Shown>[] = [
  { id: "tools", label: "Tools", show: ({ server }) => <ToolsPane server={server} /> },
  { id: "try", label: "Try a tool", show: ({ server, tool }) => <TryPane key={tool} server={server} wanted={tool} /> },
  { id: "log", label: "Log", show: ({ server }) => <ServerLog server={server} /> },
  { id: "connect", label: "Connect", show: ({ server }) => <ConnectPane server={server} /> },
  { id: "settings", label: "Settings", show: ({ server }) => <SettingsPane server={server} /> },
];

/** Another server is another page. */
export function McpServerPage({ params }: { params: { id: string } }) {
  return <OneServer key={params.id} id={params.id} />;
}

function OneServer({ id }: { id: string }) {
  const { data: server, error } = useQuery(mcpServerQuery(id));
  const [, navigate] = useLocation();
  const search = new URLSearchParams(useSearch());
  return (
    <div class={frame.page}>
      <p>
        <Link href={SERVERS_PATH}>MCP servers</Link>
      </p>
      <ErrorNotice error={server === undefined ? error : null} />
      {server && (
        <>
          <Head server={server} />
          <div class={css.tabs}>
            <Tabs
              label={`Of ${server.name}`}
              tabs={TABS}
              chosen={search.get("tab") ?? "tools"}
              onChoose={(tab) => navigate(serverPath(id, tab), { replace: true })}
              context={{ server, tool: search.get("tool") }}
            />
          </div>
        </>
      )}
    </div>
  );
}

function Head({ server }: { server: McpServer }) {
  const { name, nodeName, run, url, tools } = server;
  return (
    <>
      <header class={frame.head}>
        <div>
          <h1>{name}</h1>
          <p class={css.facts}>
            <ServerState server={server} />
            <span>on {nodeName}</span>
            <span>{sessionWords(server)}</span>
            <ToolCounts tools={tools} />
          </p>
        </div>
        <StartStop server={server} />
      </header>
      <p class={css.facts}>
        <code>{runInShort(run)}</code>
      </p>
      <ServerFailure server={server} />
      <CopyField text={url} label={`URL of ${name}`} />
    </>
  );
}

function ServerLog({ server: { id, name, run } }: { server: McpServer }) {
  const path = `${serverApi(id)}/logs`;
  return (
    <>
      {run.kind === "http" && <p class={css.quiet}>What listens on a port writes its log elsewhere.</p>}
      <div class={css.log}>
        <LogPane key={path} path={path} name={name} />
      </div>
    </>
  );
}
