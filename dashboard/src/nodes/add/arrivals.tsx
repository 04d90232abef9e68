/** The third step: the machine arrives, says what it is, and there is something to do with it. */
import { useQuery } from "@tanstack/preact-query";
import { useEffect, useRef } from "preact/hooks";
import { Link } from "wouter-preact";
import type { NewJoinToken } from "@roundhouse/protocol/api/join";
import type { Node } from "@roundhouse/protocol/api/node";
import { nodesQuery } from "../../api/queries.ts";
import { NodeStatus } from "../../instances/status.tsx";
import { plural } from "../../parts/format.ts";
import { AppUrlsNotice } from "../app-urls.tsx";
import { gpuWords, hostingRows } from "../hosting-words.ts";
import { ModeNotice } from "../mode-notice.tsx";
import { FactList } from "../node-facts.tsx";
import css from "./add.module.css";

export function Arrivals({ token, isOver }: { token: NewJoinToken; isOver: boolean }) {
  const { data = [] } = useQuery(nodesQuery);
  const arrived = data.filter((node) => node.createdAt >= token.createdAt);
  const missing = token.uses - arrived.length;
  return (
    <div class={css.steps} aria-live="polite">
      {arrived.map((node) => (
        <Arrived key={node.id} node={node} />
      ))}
      {isOver && arrived.length === 0 && <p class={css.quiet}>No machine came while the token worked.</p>}
      {!isOver && missing > 0 && (
        <p class={css.waiting}>
          <span class={css.pulse} />
          {arrived.length === 0
            ? "Waiting for the machine. It appears here within seconds of running the line."
            : `Waiting for ${plural(missing, "more machine")}.`}
        </p>
      )}
    </div>
  );
}

function Arrived({ node }: { node: Node }) {
  const card = useRef<HTMLElement>(null);
  const online = node.status === "online";
  const { facts } = node;
  // On a small screen it would appear below what is seen.
  useEffect(() => card.current?.scrollIntoView({ block: "nearest", behavior: "smooth" }), []);
  return (
    <article ref={card} class={css.arrived} aria-label={node.name} data-online={online}>
      <p class={css.arrivedHead}>
        <strong>{node.name}</strong>
        {facts === null && !online ? <span>joined, and is dialling in…</span> : <NodeStatus online={online} />}
        {facts !== null && (
          <span class={css.quiet}>{`${plural(facts.cpu.cores, "core")}, ${gpuWords(node.gpus)}`}</span>
        )}
      </p>
      {facts !== null && <FactList rows={hostingRows(node.platform, facts)} />}
      <ModeNotice hosting={facts?.hosting} />
      <AppUrlsNotice node={node} />
      {online && (
        <p class={css.next}>
          <Link href={`/catalogue?node=${node.id}`}>Install an app on it</Link>
          <Link href="/nodes">See it among the nodes</Link>
        </p>
      )}
    </article>
  );
}
