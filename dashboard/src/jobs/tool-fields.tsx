/** Which tools the model may use, and what each call needs. */
import { useQuery } from "@tanstack/preact-query";
import { Link } from "wouter-preact";
import type { McpServer } from "@roundhouse/protocol/api/mcp-server";
import { splitTool } from "@roundhouse/protocol/tool-name";
import type { Decision } from "@roundhouse/protocol/policy";
import { errorUnder } from "../api/field-errors.ts";
import { nodesQuery } from "../api/queries.ts";
import { serverPath } from "../mcp/paths.ts";
import { mcpServersQuery, mcpToolsQuery } from "../mcp/queries.ts";
import { Button } from "../parts/button.tsx";
import { Check, FieldGroup } from "../parts/field.tsx";
import { visibleText } from "../parts/visible.ts";
import { withDecision } from "./draft.ts";
import css from "./job-page.module.css";
import { reachedNodes } from "./node-refs.ts";
import { Section } from "./section.tsx";
import { serverToolRows } from "./server-tools.ts";
import { TOOL_GROUPS, TOOL_NAMES, unknownTools, withNative } from "./tools.ts";
import type { JobForm } from "./use-job.ts";

/** A job is narrower than its nodes, never wider: `allow` would change nothing. */
const DECISIONS = [
  { value: "", label: "as the node says" },
  { value: "ask", label: "ask me each time" },
  { value: "deny", label: "refuse" },
];

export function ToolFields({ form }: { form: JobForm }) {
  const { draft, change, errors } = form;
  const { data: nodes = [] } = useQuery(nodesQuery);
  const { data: servers = [], isPending } = useQuery(mcpServersQuery);
  const reached = reachedNodes(draft.nodes, nodes).map(({ id }) => id);
  const here = servers.filter(({ node }) => reached.includes(node));
  const all = TOOL_NAMES.every((name) => draft.tools.includes(name));
  return (
    <Section
      title="Tools"
      error={errorUnder(errors, "tools") ?? errorUnder(errors, "toolDecisions")}
      tools={<Button onClick={() => change({ tools: withNative(draft.tools, !all) })}>{all ? "None" : "All"}</Button>}
    >
      <p class={css.quiet}>Each node has its own policy as well; the stricter of the two holds.</p>
      {TOOL_GROUPS.map(({ title, tools }) => (
        <FieldGroup key={title} legend={title}>
          {Object.entries(tools).map(([name, about]) => (
            <ToolRow key={name} form={form} name={name} about={about} />
          ))}
        </FieldGroup>
      ))}
      {here.map((server) => (
        <ServerTools key={server.id} form={form} server={server} />
      ))}
      {!isPending &&
        unknownTools(
          draft.tools,
          here.map(({ name }) => name),
        ).map((name) => <ToolRow key={name} form={form} name={name} about={unknownWords(name)} />)}
    </Section>
  );
}

function unknownWords(name: string): string {
  const ofServer = splitTool(name);
  if (ofServer === undefined) return "There is no tool of that name";
  return `No MCP server of the chosen nodes is called ${ofServer.server}`;
}

/** What an MCP server of a chosen node offers. */
function ServerTools({ form, server: { id, name, nodeName } }: { form: JobForm; server: McpServer }) {
  const { data } = useQuery(mcpToolsQuery(id));
  const { draft } = form;
  const rows = serverToolRows(name, data?.items ?? [], draft.tools);
  return (
    <FieldGroup legend={`MCP server ${name} on ${nodeName}`}>
      {rows.map((row) => (
        <ToolRow key={row.tool} form={form} name={row.tool} about={row.about} />
      ))}
      {data?.items.length === 0 && (
        <p class={css.quiet}>
          Its tools were not read yet: start it <Link href={serverPath(id)}>on its page</Link>.
        </p>
      )}
    </FieldGroup>
  );
}

function ToolRow({ form: { draft, change }, name, about }: { form: JobForm; name: string; about: string }) {
  const isChosen = draft.tools.includes(name);
  const { data: nodes = [] } = useQuery(nodesQuery);
  const without = reachedNodes(draft.nodes, nodes).filter(({ policy }) => !policy.execCommand);
  const toggle = (on: boolean): void => {
    const others = draft.tools.filter((other) => other !== name);
    change({ tools: on ? [...others, name] : others });
  };
  return (
    <div class={css.tool}>
      <Check checked={isChosen} onChange={toggle} help={about}>
        <code>{visibleText(name)}</code>
      </Check>
      {isChosen && (
        <select
          aria-label={`What ${name} needs`}
          value={draft.toolDecisions[name] ?? ""}
          onChange={(event) =>
            change({ toolDecisions: withDecision(draft, name, decisionOf(event.currentTarget.value)) })
          }
        >
          {DECISIONS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      )}
      {isChosen && name === "exec_command" && without.length > 0 && (
        <p class={css.caution}>
          Programs are off on {without.map((node) => node.name).join(", ")}: an admin turns them on at the node.
        </p>
      )}
    </div>
  );
}

function decisionOf(value: string): Decision | undefined {
  return value === "" ? undefined : (value as Decision);
}
