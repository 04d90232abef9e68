/** Where a platform has a rule about app URLs: the rule, and the confirmation that the plan allows them. */
import { useState } from "preact/hooks";
import type { Node } from "@roundhouse/protocol/api/node";
import { call } from "../api/call.ts";
import { nodesQuery, queryClient } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { Check } from "../parts/field.tsx";
import { ErrorNotice, Warning } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import css from "./app-urls.module.css";

export function AppUrlsNotice({ node }: { node: Node }) {
  const { allowed, rule } = node.appUrls;
  if (rule === null) return null;
  return allowed ? (
    <Confirmed key="confirmed" node={node} rule={rule} />
  ) : (
    <Unconfirmed key="open" node={node} rule={rule} />
  );
}

type RuleProps = { node: Node; rule: string };

function Unconfirmed({ node, rule }: RuleProps) {
  const [sure, setSure] = useState(false);
  const { submit, busy, error } = useSubmit(async () => {
    await confirmAppUrls(node, true);
    toast(`Apps on ${node.name} may be opened now.`);
  });
  const blocked = blockedFor("admin") ?? (sure ? undefined : "Tick the box first.");
  return (
    <Warning title="Apps on it cannot be opened yet">
      <p>{rule}</p>
      <ErrorNotice error={error} />
      <div class={css.confirm}>
        <Check checked={sure} onChange={setSure}>
          My plan for this machine allows it.
        </Check>
        <Button busy={busy} blocked={blocked} onClick={submit}>
          Confirm that my plan allows this
        </Button>
      </div>
    </Warning>
  );
}

function Confirmed({ node, rule }: RuleProps) {
  const { submit, busy, error } = useSubmit(async () => {
    await confirmAppUrls(node, false);
    toast(`Apps on ${node.name} are closed, and stay so until somebody confirms again.`);
  });
  const { confirmedBy, confirmedAt } = node.appUrls;
  const when = confirmedAt === null ? "" : ` on ${new Date(confirmedAt).toLocaleDateString()}`;
  return (
    <div class={css.confirmed}>
      <ErrorNotice error={error} />
      <p title={rule}>
        App URLs: {confirmedBy ?? "somebody"} confirmed{when} that its plan allows them.
      </p>
      <Button busy={busy} blocked={blockedFor("admin")} onClick={submit}>
        Withdraw
      </Button>
    </div>
  );
}

async function confirmAppUrls(node: Node, appUrlsConfirmed: boolean): Promise<void> {
  await call("PATCH", `/api/nodes/${node.id}`, { appUrlsConfirmed });
  await queryClient.invalidateQueries({ queryKey: nodesQuery.queryKey });
}
