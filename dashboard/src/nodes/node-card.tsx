/** One node: what it is, how it is, and what it carries. */
import { useRef, useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import type { Stats } from "@roundhouse/protocol/facts";
import { blockedFor } from "../api/session.ts";
import { NodeStatus } from "../instances/status.tsx";
import { now } from "../live/now.ts";
import { IconButton } from "../parts/button.tsx";
import { formatBytes, formatRelative, plural } from "../parts/format.ts";
import { later } from "../parts/later.tsx";
import { Warning } from "../parts/notice.tsx";
import { AppUrlsNotice } from "./app-urls.tsx";
import { Gauges } from "./gauges.tsx";
import { platformName } from "./hosting-words.ts";
import { useLiveStats } from "./live-stats.ts";
import { ModeNotice } from "./mode-notice.tsx";
import { RemoveNodeDialog, RenameNodeDialog } from "./node-dialogs.tsx";
import { NodeFacts } from "./node-facts.tsx";
import { PolicyLine } from "./policy-line.tsx";
import { PortPoolLine } from "./port-pool.tsx";
import css from "./node-card.module.css";

const TrashDialog = later(async () => (await import("./trash-dialog.tsx")).TrashDialog);
const Hour = later(async () => (await import("../stats/hour.tsx")).Hour, { ahead: false });

export function NodeCard({ node, instances }: { node: Node; instances: readonly Instance[] }) {
  const card = useRef<HTMLElement>(null);
  const [asked, setAsked] = useState<"rename" | "remove" | "trash" | null>(null);
  const { samples, link } = useLiveStats(node, card);
  const { facts } = node;
  const online = node.status === "online";
  const running = instances.filter((instance) => instance.status === "started").length;
  const blocked = blockedFor("admin");

  return (
    <article ref={card} class={css.card} aria-label={node.name}>
      <header class={css.head}>
        <h2>{node.name}</h2>
        <NodeStatus online={online} />
        {online && link === "reconnecting" && <span class={css.link}>reconnecting…</span>}
        {!online && node.lastSeenAt !== null && (
          <span class={css.quiet}>last seen {formatRelative(node.lastSeenAt, now.value)}</span>
        )}
        <span class={css.tools}>
          <IconButton
            icon="folder"
            label={`Trash of ${node.name}`}
            blocked={online ? undefined : "Only the node knows what is in it, and it is offline."}
            onClick={() => setAsked("trash")}
          />
          <IconButton
            icon="pencil"
            label={`Rename ${node.name}`}
            blocked={blocked}
            onClick={() => setAsked("rename")}
          />
          <IconButton
            icon="trash"
            tone="bad"
            label={`Remove ${node.name}`}
            blocked={blocked}
            onClick={() => setAsked("remove")}
          />
        </span>
      </header>
      <p class={css.summary}>
        {facts === null ? "It has not said what it is yet." : summary(node)}
        {" · "}
        {plural(instances.length, "instance")}, {running} running
      </p>
      <PortPoolLine node={node} instances={instances} />
      <PolicyLine node={node} />
      {node.notice && <Warning title={node.notice} />}
      <ModeNotice hosting={facts?.hosting} />
      <AppUrlsNotice node={node} />
      {facts !== null && online && <Gauges node={node} facts={facts} samples={samples} />}
      {facts !== null && online && <LastHour node={node} samples={samples} />}
      {facts !== null && !online && (
        <p class={css.away}>Offline: gauges return with the node. Its apps keep running if the machine is up.</p>
      )}
      <UnknownInstances node={node} />
      {facts !== null && <NodeFacts node={node} facts={facts} />}
      {asked === "rename" && <RenameNodeDialog node={node} onClose={() => setAsked(null)} />}
      {asked === "trash" && <TrashDialog node={node} onClose={() => setAsked(null)} />}
      {asked === "remove" && (
        <RemoveNodeDialog node={node} instances={instances.length} onClose={() => setAsked(null)} />
      )}
    </article>
  );
}

/** What the node has and nobody asked for. */
function UnknownInstances({ node }: { node: Node }) {
  if (node.unknownInstances.length === 0) return null;
  return (
    <div class={css.unknown}>
      <p>
        <strong>On its disk, but not known here</strong> <span class={css.quiet}>(reported, never removed)</span>
      </p>
      <ul>
        {node.unknownInstances.map((unknown) => (
          <li key={unknown.id}>
            <code>{unknown.name}</code> {unknown.status}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Folded away until somebody wants to know: charts are dear to fetch and to draw. */
function LastHour({ node, samples }: { node: Node; samples: readonly Stats[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class={css.facts} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Last hour</summary>
      {isOpen && <Hour node={node} samples={samples} />}
    </details>
  );
}

function summary({ facts, platform }: Node): string {
  if (facts === null) return platformName(platform);
  const { os, cpu, memoryTotalBytes } = facts;
  return `${platformName(platform)} · ${os.name} ${os.version} · ${cpu.cores} × ${cpu.model} · ${formatBytes(memoryTotalBytes)}`;
}
