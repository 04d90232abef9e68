/** What can be done to the picked rows, how far it is, and what refused. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { call } from "../../api/call.ts";
import { instancesQuery, nodesQuery, queryClient } from "../../api/queries.ts";
import { blockedFor } from "../../api/session.ts";
import { Button, IconButton } from "../../parts/button.tsx";
import { canStart } from "../actions.ts";
import css from "./batch.module.css";
import { BatchDelete } from "./batch-delete.tsx";
import { BatchGpus } from "./batch-gpus.tsx";
import { picked, pickAll } from "./picked.ts";
import { batch, isBatchRunning, runBatch } from "./run-batch.ts";

type Verb = "start" | "stop" | "restart";

export function BatchBar({ instances }: { instances: readonly Instance[] }) {
  const [asks, setAsks] = useState<"delete" | "gpus">();
  const { data: nodes = [] } = useQuery(nodesQuery);
  const chosen = instances.filter(({ id, desired }) => picked.value.has(id) && desired !== "deleted");
  const blocked = blockedFor("operator") ?? (isBatchRunning() ? "Wait until the last one is done." : undefined);
  const startable = chosen.filter(canStart);
  const running = chosen.filter((instance) => !canStart(instance));
  const hasGpus = chosen.some(({ node }) => nodes.some(({ id, gpus }) => id === node && gpus.length > 0));
  const none = "There is nothing to do that to among them.";
  return (
    <div class={css.bar} role="toolbar" aria-label="Picked instances">
      <strong>{chosen.length} picked</strong>
      <Button
        icon="play"
        blocked={blocked ?? (startable.length === 0 ? none : undefined)}
        onClick={() => void ask("start", startable)}
      >
        Start
      </Button>
      <Button
        icon="stop"
        blocked={blocked ?? (running.length === 0 ? none : undefined)}
        onClick={() => void ask("stop", running)}
      >
        Stop
      </Button>
      <Button
        icon="restart"
        blocked={blocked ?? (running.length === 0 ? none : undefined)}
        onClick={() => void ask("restart", running)}
      >
        Restart
      </Button>
      <Button
        icon="nodes"
        blocked={blocked ?? (hasGpus ? undefined : "No GPU is known of their nodes.")}
        onClick={() => setAsks("gpus")}
      >
        Set GPU…
      </Button>
      <Button icon="trash" look="danger" blocked={blocked} onClick={() => setAsks("delete")}>
        Delete…
      </Button>
      <Progress />
      <IconButton icon="close" label="Pick none" onClick={putAway} />
      {asks === "delete" && <BatchDelete instances={chosen} onClose={() => setAsks(undefined)} />}
      {asks === "gpus" && <BatchGpus instances={chosen} onClose={() => setAsks(undefined)} />}
    </div>
  );
}

function putAway(): void {
  pickAll([]);
  if (!isBatchRunning()) batch.value = null;
}

async function ask(verb: Verb, instances: readonly Instance[]): Promise<void> {
  await runBatch(verb, instances, ({ id }) => call("POST", `/api/instances/${id}/${verb}`));
  await queryClient.invalidateQueries({ queryKey: instancesQuery.queryKey });
}

function Progress() {
  if (batch.value === null) return <span class={css.space} />;
  const { what, done, of, failures } = batch.value;
  return (
    <span class={css.space} role="status">
      {what}: {done - failures.length} of {of}
      {failures.map(({ id, name, message }) => (
        <span key={id} class={css.failure} title={message}>
          {name}: {message}
        </span>
      ))}
    </span>
  );
}
