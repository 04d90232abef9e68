/** Adding a node: one command to run on the machine, and the moment it arrives. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { JoinToken, NewJoinToken, Node } from "@roundhouse/protocol/api";
import { call } from "../api/call.ts";
import { joinTokensQuery, nodesQuery, queryClient } from "../api/queries.ts";
import { NodeStatus } from "../instances/status.tsx";
import { now } from "../live/now.ts";
import { Button } from "../parts/button.tsx";
import { CopyField } from "../parts/copy.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { SelectField, TextField } from "../parts/field.tsx";
import { formatRelative } from "../parts/format.ts";
import { ErrorNotice } from "../parts/notice.tsx";
import { useSubmit } from "../parts/submit.ts";
import { toastError } from "../shell/toasts.tsx";
import css from "./add-node-dialog.module.css";

const LIFETIMES = [
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "1 day" },
  { value: "2592000", label: "30 days" },
];

export function AddNodeDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [uses, setUses] = useState("1");
  const [lifetime, setLifetime] = useState("3600");
  const [made, setMade] = useState<NewJoinToken | null>(null);
  const { submit, busy, error } = useSubmit(async () => {
    const input = { uses: Number(uses), expiresInSeconds: Number(lifetime), name: name.trim() || undefined };
    setMade(await call<NewJoinToken>("POST", "/api/join-tokens", input));
    await queryClient.invalidateQueries({ queryKey: joinTokensQuery.queryKey });
  });
  return (
    <Dialog
      wide
      title="Add a node"
      onClose={onClose}
      onSubmit={made ? onClose : submit}
      footer={
        made ? (
          <Button type="submit" look="primary">
            Done
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" look="primary" busy={busy}>
              Make the command
            </Button>
          </>
        )
      }
    >
      <ErrorNotice error={error} />
      {made ? (
        <Command token={made} />
      ) : (
        <>
          <p>You get one line to run on the machine. It only dials out: no port is opened on it.</p>
          <div class={css.fields}>
            <TextField
              label="Name (optional)"
              placeholder="its host name"
              value={name}
              maxLength={60}
              onInput={setName}
            />
            <TextField label="Machines" type="number" min={1} max={1000} value={uses} onInput={setUses} />
            <SelectField label="Valid for" options={LIFETIMES} value={lifetime} onChange={setLifetime} />
          </div>
        </>
      )}
      <LiveTokens except={made?.id} />
    </Dialog>
  );
}

function Command({ token }: { token: NewJoinToken }) {
  return (
    <>
      <p>
        Run this on the machine (Node 20 or newer). The token is shown only here and ends{" "}
        {formatRelative(token.expiresAt, now.value)}.
      </p>
      <CopyField text={token.command} label="Command to join" />
      <Arrivals since={token.createdAt} />
    </>
  );
}

function Arrivals({ since }: { since: string }) {
  const { data } = useQuery(nodesQuery);
  const arrived = (data ?? []).filter((node: Node) => node.createdAt >= since);
  return (
    <div class={css.arrivals} aria-live="polite">
      {arrived.length === 0 ? (
        <p class={css.waiting}>
          <span class={css.pulse} /> Waiting for the node…
        </p>
      ) : (
        arrived.map((node) => (
          <p key={node.id} class={css.arrived}>
            <strong>{node.name}</strong> <NodeStatus online={node.status === "online"} />
            <span>
              {node.facts ? `${node.facts.cpu.cores} cores, ${node.gpus.length} GPUs` : "telling what it is…"}
            </span>
          </p>
        ))
      )}
    </div>
  );
}

function LiveTokens({ except }: { except: string | undefined }) {
  const { data } = useQuery(joinTokensQuery);
  const live = (data ?? []).filter(
    (token) => token.id !== except && token.usesLeft > 0 && Date.parse(token.expiresAt) > now.value,
  );
  if (live.length === 0) return null;
  const revoke = async (token: JoinToken): Promise<void> => {
    await call("DELETE", `/api/join-tokens/${token.id}`);
    await queryClient.invalidateQueries({ queryKey: joinTokensQuery.queryKey });
  };
  return (
    <div class={css.tokens}>
      <h3>Tokens that still work</h3>
      <ul>
        {live.map((token) => (
          <li key={token.id}>
            <span>{token.name ?? "no name"}</span>
            <span class={css.quiet}>
              {token.usesLeft} of {token.uses} left, ends {formatRelative(token.expiresAt, now.value)}
            </span>
            <Button look="danger" onClick={() => void revoke(token).catch(toastError)}>
              Revoke
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
