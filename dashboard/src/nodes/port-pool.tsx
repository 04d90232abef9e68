/** The ports that a node gives to its apps: how many are taken, and a dialog to choose others. */
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { call } from "../api/call.ts";
import { fieldErrors, formError } from "../api/field-errors.ts";
import { nodesQuery, queryClient } from "../api/queries.ts";
import { blockedFor } from "../api/session.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toast } from "../shell/toasts.tsx";
import css from "./port-pool.module.css";

/** What lies below is the system's. */
const LOWEST = 1024;

type PoolProps = { node: Node; instances: readonly Instance[] };

export function PortPoolLine({ node, instances }: PoolProps) {
  const [asked, setAsked] = useState(false);
  const { first, last } = node.portPool;
  const size = last - first + 1;
  const taken = instances.filter(({ port }) => port !== null && port >= first && port <= last).length;
  return (
    <>
      <p class={css.line}>
        <span>
          Ports {first}–{last}: {taken} of {size} taken
        </span>
        <IconButton
          icon="pencil"
          label={`Change the ports of ${node.name}`}
          blocked={blockedFor("admin")}
          onClick={() => setAsked(true)}
        />
      </p>
      {asked && <PortPoolDialog node={node} onClose={() => setAsked(false)} />}
    </>
  );
}

function PortPoolDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const [first, setFirst] = useState(String(node.portPool.first));
  const [last, setLast] = useState(String(node.portPool.last));
  const { submit, busy, error } = useSubmit(async () => {
    await call("PATCH", `/api/nodes/${node.id}`, { portPool: { first: asTyped(first), last: asTyped(last) } });
    await queryClient.invalidateQueries({ queryKey: nodesQuery.queryKey });
    toast(`${node.name} gives out the ports ${first}–${last}.`);
    onClose();
  });
  const { portPool, port } = fieldErrors(error);
  const wrong = portPool ?? port;
  const isFirst = !(Number(first) >= LOWEST) || Number(first) > Number(last);
  return (
    <Dialog
      title={`Ports of ${node.name}`}
      onClose={onClose}
      onSubmit={submit}
      action={
        <Button type="submit" look="primary" busy={busy}>
          Save
        </Button>
      }
    >
      <ErrorNotice error={formError(error, ["port", "portPool"])} />
      <p>Each running app gets the lowest free one. An app that runs keeps its port until its next start.</p>
      <div class={css.pair}>
        <TextField
          label="First"
          mono
          inputMode="numeric"
          value={first}
          error={isFirst ? wrong : undefined}
          help={`From ${LOWEST} on.`}
          onInput={setFirst}
        />
        <TextField
          label="Last"
          mono
          inputMode="numeric"
          value={last}
          error={isFirst ? undefined : wrong}
          help="At most 65535, and 1000 ports in all."
          onInput={setLast}
        />
      </div>
    </Dialog>
  );
}

/** What is no number goes as it is: the answer quotes it. */
function asTyped(text: string): number | string {
  return /^\d+$/.test(text.trim()) ? Number(text) : text;
}
