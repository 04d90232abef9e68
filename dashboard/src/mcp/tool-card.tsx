/** One tool of a server: what is said of it, how it stands, and what a person decides. */
import { useId } from "preact/hooks";
import { Link } from "wouter-preact";
import type { DecideMcpTools, McpTool } from "@roundhouse/protocol/api/mcp-server";
import { blockedFor } from "../api/session.ts";
import { Diff } from "../approvals/diff.tsx";
import { now } from "../live/now.ts";
import { Button } from "../parts/button.tsx";
import { formatRelative } from "../parts/format.ts";
import { Visible } from "../parts/visible.tsx";
import { visibleText } from "../parts/visible.ts";
import { Definition } from "./definition.tsx";
import { ToolStatusMark } from "./marks.tsx";
import css from "./mcp.module.css";
import { isObject } from "./schema-fields.ts";

export type Decide = (decision: DecideMcpTools["decision"], tools: readonly McpTool[]) => void;
type CardProps = { tool: McpTool; busy: boolean; decide: Decide; tryPath: string };

/** One that waits for a person: all of it is open. */
export function WaitingTool({ tool, busy, decide }: Omit<CardProps, "tryPath">) {
  const id = useId();
  const blocked = blockedFor("operator");
  const name = visibleText(tool.name);
  const isChanged = tool.status === "changed";
  return (
    <li>
      <article class={css.waiting} aria-labelledby={id}>
        <div class={css.head}>
          <h3 id={id}>
            <ToolName tool={tool} />
          </h3>
          <ToolStatusMark status={tool.status} />
        </div>
        {isChanged && tool.diff !== null && (
          <>
            <p>It is not what was approved{approvedWords(tool)}. Nobody can use it until you decide.</p>
            <Diff diff={tool.diff} label={`How the definition of ${name} changed`} />
          </>
        )}
        <Definition tool={tool} />
        <div class={css.buttons}>
          <Button
            look="primary"
            icon="check"
            aria-label={isChanged ? `Approve what it says now: ${name}` : `Approve ${name}`}
            {...{ blocked, busy }}
            onClick={() => decide("approve", [tool])}
          >
            {isChanged ? "Approve what it says now" : "Approve"}
          </Button>
          <Button
            look="danger"
            icon="close"
            aria-label={`Block ${name}`}
            {...{ blocked, busy }}
            onClick={() => decide("block", [tool])}
          >
            Block
          </Button>
        </div>
      </article>
    </li>
  );
}

/** One that was decided about: its texts fold out. */
export function DecidedTool({ tool, busy, decide, tryPath }: CardProps) {
  const { status } = tool;
  const name = visibleText(tool.name);
  const common = { blocked: blockedFor("operator"), busy };
  return (
    <li class={css.decided}>
      <details>
        <summary>
          <ToolName tool={tool} />
          <ToolStatusMark status={status} />
          <span class={css.quiet}>{status === "blocked" ? "" : approvedWords(tool)}</span>
        </summary>
        <Definition tool={tool} />
        <div class={css.buttons}>
          {status === "approved" && <Link href={tryPath}>Try it</Link>}
          {status === "blocked" && (
            <Button icon="check" aria-label={`Approve ${name}`} {...common} onClick={() => decide("approve", [tool])}>
              Approve
            </Button>
          )}
          {status === "approved" && (
            <Button look="danger" aria-label={`Block ${name}`} {...common} onClick={() => decide("block", [tool])}>
              Block
            </Button>
          )}
          <Button
            title="As if nobody had ever decided about it"
            aria-label={`Forget what was decided about ${name}`}
            {...common}
            onClick={() => decide("forget", [tool])}
          >
            Forget
          </Button>
        </div>
      </details>
    </li>
  );
}

/** Its title, if it has one, and the name that it is called by. */
function ToolName({ tool: { name, definition } }: { tool: McpTool }) {
  const { title, annotations } = definition;
  const shown = title ?? (isObject(annotations) ? annotations["title"] : undefined);
  return (
    <>
      <code>
        <Visible text={name} />
      </code>{" "}
      {typeof shown === "string" && shown !== name && (
        <span class={css.title}>
          <Visible text={shown} />
        </span>
      )}
    </>
  );
}

function approvedWords({ approvedBy, approvedAt }: McpTool): string {
  if (approvedBy === null || approvedAt === null) return "";
  return ` by ${approvedBy} ${formatRelative(approvedAt, now.value)}`;
}
