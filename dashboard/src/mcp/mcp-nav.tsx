/** The way between MCP servers and the pool's containers. */
import { PageNav } from "../parts/page-nav.tsx";
import { CONTAINERS_PATH, SERVERS_PATH } from "./paths.ts";

export function McpNav() {
  return (
    <PageNav
      label="MCP servers and containers"
      pages={[
        { path: SERVERS_PATH, label: "MCP servers" },
        { path: CONTAINERS_PATH, label: "Containers" },
      ]}
    />
  );
}
