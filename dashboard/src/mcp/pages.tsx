/** Which page of MCP servers stands at which path. */
import { Route, Switch } from "wouter-preact";
import { later } from "../parts/later.tsx";
import { AddMcpServerPage } from "./add-page.tsx";
import { McpServersPage } from "./page.tsx";
import { CONTAINERS_PATH, NEW_PATH, SERVERS_PATH } from "./paths.ts";
import { McpServerPage } from "./server-page.tsx";

// With a reader of YAML.
const ContainersPage = later(async () => (await import("./containers-page.tsx")).ContainersPage, { ahead: false });

export function McpPages() {
  return (
    <Switch>
      <Route path={SERVERS_PATH} component={McpServersPage} />
      <Route path={NEW_PATH} component={AddMcpServerPage} />
      <Route path={CONTAINERS_PATH} component={ContainersPage} />
      <Route path={`${SERVERS_PATH}/:id`} component={McpServerPage} />
    </Switch>
  );
}
