/** What a node says about itself, folded away until somebody wants to know. */
import type { Node } from "@roundhouse/protocol/api/node";
import type { Facts } from "@roundhouse/protocol/facts";
import { environmentRows } from "./environment-words.ts";
import { type FactRow, hostingRows } from "./hosting-words.ts";
import { NamedRows } from "../parts/named-rows.tsx";
import css from "./node-card.module.css";

export function NodeFacts({ node, facts }: { node: Node; facts: Facts }) {
  const docker = facts.docker.available ? `yes, ${facts.docker.version}` : `no: ${facts.docker.reason}`;
  const rows: readonly FactRow[] = [
    ...hostingRows(node.platform, facts),
    ["Host", facts.hostname],
    ["System", `${facts.os.name} ${facts.os.version}, ${facts.os.kernel}, ${facts.os.arch}`],
    ["Processor", `${facts.cpu.model}, ${facts.cpu.cores} cores`],
    [
      "Graphics",
      facts.gpus.map((gpu) => `${gpu.name}${gpu.driver ? ` (driver ${gpu.driver})` : ""}`).join(", ") || "none",
    ],
    ["Docker", docker],
    ...environmentRows(facts),
    ["Isolation", `${ISOLATION[facts.isolation.mode]}: ${facts.isolation.reason}`],
    ["Data", facts.disk.path],
    ["Agent", `${node.agentVersion ?? "unknown"} on Node ${facts.nodeVersion}`],
    ["Joined", new Date(node.createdAt).toLocaleString()],
    ...Object.entries(node.labels).map(([key, value]) => [key, value] as const),
  ];
  return (
    <details class={css.facts}>
      <summary>Facts</summary>
      <FactList rows={rows} />
    </details>
  );
}

export function FactList({ rows }: { rows: readonly FactRow[] }) {
  return <NamedRows rows={rows} look={css.factList} />;
}

const ISOLATION = { "separate-user": "apps run as another user", "same-user": "apps run as the agent's user" } as const;
