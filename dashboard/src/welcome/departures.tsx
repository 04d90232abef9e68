/** The board: how many apps run on each node, and what is free there. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { freeMemoryOf } from "../nodes/freest-gpu.ts";
import { formatBytes } from "../parts/format.ts";
import { useSamples } from "../stats/samples.ts";
import css from "./welcome.module.css";

const MOST_ROWS = 6;

type BoardProps = { nodes: readonly Node[]; instances: readonly Instance[] };

export function Departures({ nodes, instances }: BoardProps) {
  const running = instances.filter(({ status }) => status === "started");
  const online = nodes.filter(({ status }) => status === "online");
  return (
    <>
      <p class={css.totals}>
        {running.length} running · {online.length} of {nodes.length} nodes online
      </p>
      <table class={css.board} aria-label="The nodes now">
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Apps</th>
            <th scope="col">GPU free</th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
          {nodes.slice(0, MOST_ROWS).map((node) => (
            <Row key={node.id} node={node} apps={running.filter((instance) => instance.node === node.id).length} />
          ))}
          {nodes.length > MOST_ROWS && (
            <tr>
              <td colSpan={4}>and {nodes.length - MOST_ROWS} more</td>
            </tr>
          )}
        </tbody>
      </table>
    </>
  );
}

function Row({ node, apps }: { node: Node; apps: number }) {
  const isOnline = node.status === "online";
  const latest = useSamples(node.id, isOnline && node.gpus.length > 0).samples.at(-1);
  const free = node.gpus.reduce((sum, gpu) => sum + freeMemoryOf(gpu, latest), 0);
  return (
    <tr class={isOnline ? undefined : css.away}>
      <th scope="row">{node.name}</th>
      <td>{apps}</td>
      <td>{node.gpus.length === 0 ? "no GPU" : isOnline ? formatBytes(free) : "–"}</td>
      <td class={css.status}>{isOnline ? (apps > 0 ? "under steam" : "ready") : "offline"}</td>
    </tr>
  );
}
