/** What tools may do on a node: the default, programs, and rules of which the first that matches decides. */
import { useEffect, useState } from "preact/hooks";
import type { Node } from "@roundhouse/protocol/api/node";
import type { Decision } from "@roundhouse/protocol/policy";
import { call } from "../api/call.ts";
import { errorUnder, pathErrors } from "../api/field-errors.ts";
import { nodesQuery, queryClient } from "../api/queries.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Check, FieldGroup, SelectField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import { moved, policyDraft, policyOf, type RuleDraft } from "./policy-draft.ts";
import { DECISIONS, PolicyRuleFields } from "./policy-rule.tsx";
import css from "./policy.module.css";

export function PolicyDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const [draft, setDraft] = useState(() => policyDraft(node.policy));
  const { submit, busy, error } = useSubmit(async () => {
    await call("PATCH", `/api/nodes/${node.id}`, { policy: policyOf(draft) });
    await queryClient.invalidateQueries({ queryKey: nodesQuery.queryKey });
    toast(`${node.name} has the new policy. It holds from the next call on.`);
    onClose();
  });
  const errors = pathErrors(error);
  useEffect(() => {
    if (!error) return;
    const wrong = document.querySelector<HTMLElement>("dialog [aria-invalid], dialog [role=alert]");
    wrong?.scrollIntoView({ block: "center" });
    wrong?.focus();
  }, [error]);
  return (
    <Dialog
      wide
      title={`Tool policy of ${node.name}`}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="primary" busy={busy}>
          Save
        </Button>
      }
    >
      {errorUnder(errors, "policy") === undefined && <ErrorNotice error={error} />}
      {errors["policy"] && (
        <p class={css.error} role="alert">
          {errors["policy"]}
        </p>
      )}
      <p>What jobs may do here. A node that was joined with a ceiling can be narrower than that, never wider.</p>
      <SelectField
        label="What no rule is about"
        value={draft.default}
        error={errorUnder(errors, "policy.default")}
        options={DECISIONS}
        onChange={(value) => setDraft({ ...draft, default: value as Decision })}
      />
      <div>
        <Check
          checked={draft.execCommand}
          help="Off: exec_command is refused, whatever the rules say."
          onChange={(execCommand) => setDraft({ ...draft, execCommand })}
        >
          Programs may be run
        </Check>
        {errorUnder(errors, "policy.execCommand") && (
          <p class={css.error} role="alert">
            {errorUnder(errors, "policy.execCommand")}
          </p>
        )}
      </div>
      <Rules rules={draft.rules} errors={errors} onChange={(rules) => setDraft({ ...draft, rules })} />
    </Dialog>
  );
}

type RulesProps = {
  rules: readonly RuleDraft[];
  errors: Record<string, string>;
  onChange: (rules: readonly RuleDraft[]) => void;
};

function Rules({ rules, errors, onChange }: RulesProps) {
  const put = (index: number, rule: RuleDraft): void => onChange(rules.map((old, at) => (at === index ? rule : old)));
  return (
    <FieldGroup legend="Rules: the first that matches decides">
      {errors["policy.rules"] && <p class={css.error}>{errors["policy.rules"]}</p>}
      {rules.map((rule, index) => (
        <PolicyRuleFields
          key={index}
          rule={rule}
          number={index + 1}
          isFirst={index === 0}
          isLast={index === rules.length - 1}
          error={errorUnder(errors, `policy.rules.${index}`)}
          onChange={(next) => put(index, next)}
          onMove={(by) => onChange(moved(rules, index, index + by))}
          onRemove={() => onChange(rules.filter((_, at) => at !== index))}
        />
      ))}
      <div>
        <Button icon="plus" onClick={() => onChange([...rules, { tool: "", decision: "ask", where: [] }])}>
          Add a rule
        </Button>
      </div>
    </FieldGroup>
  );
}
