/** Which tools the model may use, and what each call needs. */
import { useQuery } from "@tanstack/preact-query";
import type { Decision } from "@roundhouse/protocol/policy";
import { errorUnder } from "../api/field-errors.ts";
import { nodesQuery } from "../api/queries.ts";
import { Button } from "../parts/button.tsx";
import { Check, FieldGroup } from "../parts/field.tsx";
import { withDecision } from "./draft.ts";
import css from "./job-page.module.css";
import { reachedNodes } from "./node-refs.ts";
import { Section } from "./section.tsx";
import { TOOL_GROUPS, TOOL_NAMES, unknownTools } from "./tools.ts";
import type { JobForm } from "./use-job.ts";

/** A job is narrower than its nodes, never wider: `allow` would change nothing. */
const DECISIONS = [
  { value: "", label: "as the node says" },
  { value: "ask", label: "ask me each time" },
  { value: "deny", label: "refuse" },
];

export function ToolFields({ form }: { form: JobForm }) {
  const { draft, change, errors } = form;
  const all = draft.tools.length >= TOOL_NAMES.length;
  return (
    <Section
      title="Tools"
      error={errorUnder(errors, "tools") ?? errorUnder(errors, "toolDecisions")}
      tools={<Button onClick={() => change({ tools: all ? [] : [...TOOL_NAMES] })}>{all ? "None" : "All"}</Button>}
    >
      <p class={css.quiet}>Each node has its own policy as well; the stricter of the two holds.</p>
      {TOOL_GROUPS.map(({ title, tools }) => (
        <FieldGroup key={title} legend={title}>
          {Object.entries(tools).map(([name, about]) => (
            <ToolRow key={name} form={form} name={name} about={about} />
          ))}
        </FieldGroup>
      ))}
      {unknownTools(draft.tools).map((name) => (
        <ToolRow key={name} form={form} name={name} about="There is no tool of that name" />
      ))}
    </Section>
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
        <code>{name}</code>
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
