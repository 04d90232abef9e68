/** What tools may do on a node, in a line, and the way to change it. */
import { useState } from "preact/hooks";
import type { Node } from "@roundhouse/protocol/api/node";
import { blockedFor } from "../api/session.ts";
import { IconButton } from "../parts/button.tsx";
import { later } from "../parts/later.tsx";
import { policyWords } from "./policy-draft.ts";
import css from "./port-pool.module.css";

const PolicyDialog = later(async () => (await import("./policy-dialog.tsx")).PolicyDialog);

export function PolicyLine({ node }: { node: Node }) {
  const [asked, setAsked] = useState(false);
  return (
    <>
      <p class={css.line}>
        <span>Jobs: {policyWords(node.policy)}</span>
        <IconButton
          icon="pencil"
          label={`Change the tool policy of ${node.name}`}
          blocked={blockedFor("admin")}
          onClick={() => setAsked(true)}
        />
      </p>
      {asked && <PolicyDialog node={node} onClose={() => setAsked(false)} />}
    </>
  );
}
