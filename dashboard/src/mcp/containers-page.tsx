/** Everything of the pool that runs in a container: instances and MCP servers. */
import { useQueries, useQuery } from "@tanstack/preact-query";
import { Link } from "wouter-preact";
import type { Blueprint } from "@roundhouse/protocol/api/blueprint";
import type { Node } from "@roundhouse/protocol/api/node";
import { readContainer } from "@roundhouse/protocol/container-blueprint";
import { call } from "../api/call.ts";
import { blueprintsQuery, instancesQuery, nodesQuery } from "../api/queries.ts";
import { showTab } from "../instances/selection.ts";
import { Status } from "../instances/status.tsx";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { TableHead } from "../parts/table-head.tsx";
import table from "../parts/table.module.css";
import { InstanceUse } from "../stats/instance-use.tsx";
import { type ContainerRow, containerRows } from "./container-rows.ts";
import { ServerState } from "./marks.tsx";
import { McpNav } from "./mcp-nav.tsx";
import { serverPath } from "./paths.ts";
import { mcpServersQuery } from "./queries.ts";

export function ContainersPage() {
  const instances = useQuery(instancesQuery);
  const servers = useQuery(mcpServersQuery);
  const { data: nodes = [] } = useQuery(nodesQuery);
  const images = useImages();
  const rows = containerRows(instances.data ?? [], servers.data ?? [], nodes, images);
  const isRead = !instances.isPending && !servers.isPending;
  return (
    <div class={frame.page}>
      <header class={frame.head}>
        <div>
          <h1>Containers</h1>
          <p class={frame.quiet}>Instances and MCP servers that run in one, on all nodes</p>
        </div>
      </header>
      <McpNav />
      <ErrorNotice error={instances.error ?? servers.error} />
      {rows.length === 0 && isRead && (
        <EmptyPlace title="No container yet">
          <p>
            Apps from an image are in the <Link href="/catalogue">catalogue</Link>, on nodes that have Docker.
          </p>
        </EmptyPlace>
      )}
      {rows.length > 0 && (
        <table class={table.table}>
          <TableHead columns={["Name", "Node", "Image", "State", "In use"]} withActions />
          <tbody>
            {rows.map((row) => (
              <Row key={row.id} row={row} node={nodes.find(({ id }) => id === row.node)} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Row({ row, node }: { row: ContainerRow; node: Node | undefined }) {
  const { id, name, image, nodeName } = row;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{nodeName}</td>
      <td>
        <code>{image ?? "not known"}</code>
      </td>
      <td>{row.kind === "instance" ? <Status status={row.status} /> : <ServerState server={row.server} />}</td>
      <td>{node && <InstanceUse instance={{ id }} node={node} none="–" />}</td>
      <td class={table.tools}>
        <Links row={row} />
      </td>
    </tr>
  );
}

function Links({ row: { kind, id, name } }: { row: ContainerRow }) {
  if (kind === "server") {
    return (
      <Link href={serverPath(id, "log")} aria-label={`Log of ${name}`}>
        Log
      </Link>
    );
  }
  return (
    <>
      <Link href={`/?instance=${id}`} aria-label={`Log of ${name}`} onClick={() => showTab(id, "log")}>
        Log
      </Link>{" "}
      <Link href={`/?instance=${id}`} aria-label={`Stats of ${name}`} onClick={() => showTab(id, "stats")}>
        Stats
      </Link>
    </>
  );
}

/** The images of container blueprints, by the blueprint's name. */
function useImages(): ReadonlyMap<string, string> {
  const { data: blueprints = [] } = useQuery(blueprintsQuery);
  const sources = useQueries({
    queries: blueprints
      .filter(({ kind }) => kind === "container")
      .map(({ id }) => ({
        queryKey: ["blueprint", id],
        queryFn: () => call<Blueprint>("GET", `/api/blueprints/${encodeURIComponent(id)}`),
      })),
  });
  return new Map(
    sources.flatMap(({ data }) => {
      const image = data?.source === undefined ? undefined : readContainer(data.source).spec?.image;
      return data === undefined || image === undefined ? [] : [[data.name, image] as const];
    }),
  );
}
