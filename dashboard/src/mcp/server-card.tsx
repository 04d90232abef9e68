/** One MCP server in the list. */
import { Link } from "wouter-preact";
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import { Badge } from "../parts/badge.tsx";
import { CopyButton } from "../parts/copy.tsx";
import css from "./mcp.module.css";
import { ServerState, ToolCounts } from "./marks.tsx";
import { serverPath } from "./paths.ts";
import { runInShort, sessionWords } from "./run-words.ts";
import { ServerFailure } from "./server-failure.tsx";
import { StartStop } from "./start-stop.tsx";

export function ServerCard({ server }: { server: McpServer }) {
  const { id, name, run, url, tools } = server;
  return (
    <li class={css.card} aria-label={name}>
      <div class={css.head}>
        <h3>
          <Link href={serverPath(id)}>{name}</Link>
        </h3>
        <Badge count={tools.new + tools.changed} words="tools to look at" />
        <ServerState server={server} />
        <span class={css.space} />
        <StartStop server={server} />
      </div>
      <p class={css.facts}>
        <code>{runInShort(run)}</code>
      </p>
      <p class={css.facts}>
        <ToolCounts tools={tools} />
        <span>{sessionWords(server)}</span>
      </p>
      <ServerFailure server={server} />
      <div class={css.url}>
        <code>{url}</code>
        <CopyButton text={url} label="Copy URL" />
      </div>
    </li>
  );
}
