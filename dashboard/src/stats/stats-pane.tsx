/** What an instance takes now, and how its node fared in the last hour. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { zoomOf } from "../instances/zoom.ts";
import { EmptyPlace } from "../parts/notice.tsx";
import { Hour } from "./hour.tsx";
import { InstanceUse } from "./instance-use.tsx";
import { useSamples } from "./samples.ts";
import css from "./stats.module.css";

export function StatsPane({ instance, node }: { instance: Instance; node: Node | undefined }) {
  if (node === undefined) return null;
  return (
    <section class={css.pane} aria-label={`Stats of ${instance.name}`}>
      {node.status === "offline" ? (
        <EmptyPlace title={`${node.name} is offline`}>
          <p>Its measurements are shown here as soon as its worker agent is back.</p>
        </EmptyPlace>
      ) : (
        <Measured instance={instance} node={node} />
      )}
    </section>
  );
}

function Measured({ instance, node }: { instance: Instance; node: Node }) {
  const { samples } = useSamples(node.id, true);
  return (
    <>
      <p class={css.lead}>
        <strong>{instance.name}</strong> <InstanceUse instance={instance} node={node} none="is not running" />
        {" · "}
        below, all of <strong>{node.name}</strong>
      </p>
      <Hour node={node} samples={samples} zoom={zoomOf("stats").value / 100} />
    </>
  );
}
