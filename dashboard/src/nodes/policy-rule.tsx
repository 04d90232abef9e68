/** One rule of a tool policy: which tool, which arguments, and what holds for them. */
import { useId } from "preact/hooks";
import type { Decision } from "@roundhouse/protocol/policy";
import { TOOL_NAMES } from "../jobs/tools.ts";
import { Button, IconButton } from "../parts/button.tsx";
import type { RuleDraft } from "./policy-draft.ts";
import css from "./policy.module.css";

export const DECISIONS: { value: Decision; label: string }[] = [
  { value: "allow", label: "allow" },
  { value: "ask", label: "ask a person" },
  { value: "deny", label: "refuse" },
];

type RuleProps = {
  rule: RuleDraft;
  number: number;
  isFirst: boolean;
  isLast: boolean;
  error: string | undefined;
  onChange: (rule: RuleDraft) => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
};

export function PolicyRuleFields({ rule, number, isFirst, isLast, error, onChange, onMove, onRemove }: RuleProps) {
  const toolsId = useId();
  return (
    <div class={css.rule} role="group" aria-label={`Rule ${number}`}>
      <div class={css.row}>
        <input
          class={css.input}
          aria-label={`Tool of rule ${number}`}
          aria-invalid={error === undefined ? undefined : "true"}
          placeholder="write_file, or *_file"
          list={toolsId}
          autoComplete="off"
          value={rule.tool}
          onInput={(event) => onChange({ ...rule, tool: event.currentTarget.value })}
        />
        <datalist id={toolsId}>
          {["*", ...TOOL_NAMES].map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <select
          class={css.input}
          aria-label={`Decision of rule ${number}`}
          value={rule.decision}
          onChange={(event) => onChange({ ...rule, decision: event.currentTarget.value as Decision })}
        >
          {DECISIONS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <span class={css.tools}>
          <IconButton
            icon="up"
            label={`Move rule ${number} up`}
            blocked={isFirst ? "It is the first." : undefined}
            onClick={() => onMove(-1)}
          />
          <IconButton
            icon="down"
            label={`Move rule ${number} down`}
            blocked={isLast ? "It is the last." : undefined}
            onClick={() => onMove(1)}
          />
          <IconButton icon="close" label={`Remove rule ${number}`} onClick={onRemove} />
        </span>
      </div>
      <ArgumentRows rule={rule} number={number} onChange={onChange} />
      {error !== undefined && (
        <p class={css.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function ArgumentRows({ rule, number, onChange }: Pick<RuleProps, "rule" | "number" | "onChange">) {
  const { where } = rule;
  const put = (index: number, part: Partial<RuleDraft["where"][number]>): void =>
    onChange({ ...rule, where: where.map((row, at) => (at === index ? { ...row, ...part } : row)) });
  return (
    <>
      {where.map(({ name, pattern }, index) => (
        <div key={index} class={css.argument}>
          <span>{index === 0 ? "where" : "and"}</span>
          <input
            class={css.input}
            aria-label={`Argument ${index + 1} of rule ${number}`}
            placeholder="path"
            autoComplete="off"
            value={name}
            onInput={(event) => put(index, { name: event.currentTarget.value })}
          />
          <span>is</span>
          <input
            class={css.input}
            aria-label={`Pattern ${index + 1} of rule ${number}`}
            placeholder="workspace/*"
            autoComplete="off"
            value={pattern}
            onInput={(event) => put(index, { pattern: event.currentTarget.value })}
          />
          <IconButton
            icon="close"
            label={`Remove argument ${index + 1} of rule ${number}`}
            onClick={() => onChange({ ...rule, where: where.filter((_, at) => at !== index) })}
          />
        </div>
      ))}
      <div>
        <Button
          look="ghost"
          icon="plus"
          aria-label={`Add an argument to rule ${number}`}
          onClick={() => onChange({ ...rule, where: [...where, { name: "", pattern: "" }] })}
        >
          Add an argument
        </Button>
      </div>
    </>
  );
}
