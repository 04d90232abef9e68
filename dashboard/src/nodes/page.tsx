/** The nodes of the pool. */
import { useQuery } from "@tanstack/preact-query";
import { Link, useLocation } from "wouter-preact";
import { instancesQuery, nodesQuery } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { plural } from "../parts/format.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { NodeCard } from "./node-card.tsx";
import css from "./page.module.css";

export function NodesPage() {
  const { data: nodes = [], error, isPending } = useQuery(nodesQuery);
  const { data: instances = [] } = useQuery(instancesQuery);
  const [, navigate] = useLocation();
  const online = nodes.filter((node) => node.status === "online").length;
  const gpus = nodes.reduce((sum, node) => sum + node.gpus.length, 0);
  return (
    <div class={frame.page}>
      <header class={frame.head}>
        <div>
          <h1>Nodes</h1>
          <p class={frame.quiet}>
            {online} of {nodes.length} online, {plural(gpus, "GPU")}
          </p>
        </div>
        <Button icon="plus" look="primary" blocked={blockedFor("admin")} onClick={() => navigate("/nodes/add")}>
          Add a node
        </Button>
      </header>
      <ErrorNotice error={error} />
      {nodes.length === 0 && !isPending && !error && (
        <EmptyPlace title="No node yet">
          <p>
            Any Linux machine becomes one by running a single line. It needs no open port.{" "}
            <Link href="/nodes/add">Add one.</Link>
          </p>
        </EmptyPlace>
      )}
      <div class={css.cards}>
        {nodes.map((node) => (
          <NodeCard
            key={node.id}
            node={node}
            instances={instances.filter((instance) => instance.node === node.id && instance.desired !== "deleted")}
          />
        ))}
      </div>
    </div>
  );
}
