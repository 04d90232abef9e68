/** The tools of a server: what a person is to look at first, and below it what was decided. */
import { useQuery } from "@tanstack/preact-query";
import { useRef, useState } from "preact/hooks";
import type { DecideMcpTools, McpServer, McpTool, McpTools } from "@roundhouse/protocol/api/mcp-server";
import { ApiError } from "../api/errors.ts";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { plural } from "../parts/format.ts";
import { EmptyPlace, ErrorNotice, Warning } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { Visible } from "../parts/visible.tsx";
import { toast } from "../shell/toasts.tsx";
import { decideTools, readAgain } from "./actions.ts";
import css from "./mcp.module.css";
import { serverPath } from "./paths.ts";
import { mcpToolsQuery } from "./queries.ts";
import { isSafeToShow, sortedTools } from "./shown-tools.ts";
import { StartStop } from "./start-stop.tsx";
import { type Decide, DecidedTool, WaitingTool } from "./tool-card.tsx";

export function ToolsPane({ server }: { server: McpServer }) {
  const read = useQuery({ ...mcpToolsQuery(server.id), refetchOnMount: "always" });
  const { error, isPending } = read;
  // What another page read a while ago is not what to decide about.
  const fresh = read.isFetchedAfterMount ? read.data : undefined;
  const [shown, setShown] = useState<McpTools>();
  const tools = fresh !== undefined && isSafeToShow(shown, fresh) ? fresh : shown;
  if (tools !== shown) setShown(tools);
  const decision = useDecision(server.id, setShown);
  const { waiting, others } = sortedTools(tools?.items ?? []);
  return (
    <div class={css.pane}>
      <ErrorNotice error={error} />
      <DecisionError error={decision.error} />
      {fresh !== undefined && tools !== fresh && (
        <Warning title="The server describes its tools otherwise by now">
          <Button onClick={() => setShown(fresh)}>Show what it says now</Button>
        </Warning>
      )}
      {tools?.items.length === 0 && !isPending && <NoTools server={server} />}
      <AboutServer tools={tools} />
      {waiting.length > 0 && <Waiting waiting={waiting} {...decision} />}
      {others.length > 0 && (
        <section class={css.group} aria-label="Decided">
          <h2>Decided</h2>
          <ul class={css.list}>
            {others.map((tool) => (
              <DecidedTool
                key={tool.name}
                tool={tool}
                {...decision}
                tryPath={`${serverPath(server.id, "try")}&tool=${encodeURIComponent(tool.name)}`}
              />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Waiting({ waiting, busy, decide }: { waiting: readonly McpTool[]; busy: boolean; decide: Decide }) {
  const news = waiting.filter(({ status }) => status === "new");
  return (
    <section class={css.group} aria-label="Waiting for you">
      <div>
        <h2>Waiting for you</h2>
        <p class={css.quiet}>
          Nobody can use these yet. Read what they say: a model takes it for true, and it may be meant to mislead one.
        </p>
      </div>
      <ul class={css.list}>
        {waiting.map((tool) => (
          <WaitingTool key={`${tool.name} ${tool.hash}`} {...{ tool, busy, decide }} />
        ))}
      </ul>
      {/* Behind them all: whoever presses it has passed each. */}
      {news.length > 1 && (
        <div>
          <Button icon="check" blocked={blockedFor("operator")} busy={busy} onClick={() => decide("approve", news)}>
            Approve all {news.length} new
          </Button>
        </div>
      )}
    </section>
  );
}

function useDecision(id: string, show: (tools: McpTools | undefined) => void) {
  const asked = useRef<DecideMcpTools>();
  const { submit, busy, error } = useSubmit(async () => {
    if (asked.current === undefined) return;
    const { decision, tools } = asked.current;
    try {
      show(await decideTools(id, asked.current));
      toast(wordsOf(decision, tools));
    } catch (failure) {
      // What was shown is not what is so: it is read and shown anew, and nothing was decided.
      if (isConflict(failure)) {
        await readAgain();
        show(undefined);
      }
      throw failure;
    }
  });
  const decide: Decide = (decision, tools) => {
    asked.current = { decision, tools: tools.map(({ name, hash }) => ({ name, hash })) };
    submit();
  };
  return { decide, busy, error };
}

function isConflict(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409;
}

function DecisionError({ error }: { error: unknown }) {
  if (!isConflict(error)) return <ErrorNotice error={error} />;
  return (
    <ErrorNotice error={error}>
      <p>Nothing was decided. What stands below is what the server says now.</p>
    </ErrorNotice>
  );
}

function wordsOf(decision: DecideMcpTools["decision"], tools: DecideMcpTools["tools"]): string {
  const what = plural(tools.length, "tool");
  switch (decision) {
    case "approve":
      return `${what} approved, exactly as shown.`;
    case "block":
      return `${what} blocked, whatever the server says of it.`;
    case "forget":
      return `What was decided about ${what} is forgotten.`;
  }
}

function NoTools({ server }: { server: McpServer }) {
  return (
    <EmptyPlace title="Its tools were not read yet">
      <p>The server says what tools it has once it runs. A first start may take a while: its program is fetched.</p>
      <StartStop server={server} />
    </EmptyPlace>
  );
}

function AboutServer({ tools }: { tools: McpTools | undefined }) {
  if (tools === undefined || (tools.serverName === null && tools.instructions === null)) return null;
  const { serverName, serverVersion, instructions } = tools;
  return (
    <div class={css.about}>
      {serverName !== null && (
        <p class={css.quiet}>
          It calls itself <Visible text={[serverName, serverVersion].filter(Boolean).join(" ")} />.
        </p>
      )}
      {instructions !== null && instructions !== "" && (
        <details>
          <summary>What it tells models about itself</summary>
          <p class={css.said}>
            <Visible text={instructions} />
          </p>
        </details>
      )}
    </div>
  );
}
