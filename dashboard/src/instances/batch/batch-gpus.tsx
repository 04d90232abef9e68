/** Chooses the GPUs of several instances, node by node. The choice becomes unsaved edits, like one made in the table. */
import { batch } from "@preact/signals";
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { nodesQuery } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { Warning } from "../../parts/notice.tsx";
import { toast } from "../../shell/toasts.tsx";
import { shownValue } from "../edits.ts";
import { gpusAsNamed } from "../gpu-choice.ts";
import { GpuField } from "../gpu-field.tsx";
import { countOf, namesOf } from "../several.ts";
import { edits, setEdit } from "../unsaved.ts";
import css from "./batch.module.css";
import { type GpuPlace, gpuPlaces } from "./gpu-places.ts";

/** By node; a node that is not in it stays as it is. */
type Choices = ReadonlyMap<string, readonly string[]>;

const NOTHING: Choices = new Map();

export function BatchGpus({ instances, onClose }: { instances: readonly Instance[]; onClose: () => void }) {
  const { data: nodes = [] } = useQuery(nodesQuery);
  const [choices, setChoices] = useState(NOTHING);
  const { places, leftOut } = gpuPlaces(instances, nodes, (instance) => {
    return shownValue(instance, edits.value.get(instance.id), "gpuIds");
  });
  const chosen = places.filter(({ node }) => choices.has(node.id));
  const confirm = (): void => {
    batch(() => chosen.forEach((place) => setGpus(place, choices.get(place.node.id) ?? [])));
    toast("The GPUs are chosen. Save changes gives them to the instances.");
    onClose();
  };
  return (
    <Dialog
      title={`Set the GPUs of ${countOf(instances.length - leftOut.length)}`}
      onClose={onClose}
      onSubmit={chosen.length === 0 ? onClose : confirm}
      action={
        <Button type="submit" look="primary">
          Set
        </Button>
      }
    >
      {places.map((place) => (
        <Place
          key={place.node.id}
          place={place}
          choice={choices.get(place.node.id)}
          onChoice={(gpuIds) => setChoices(new Map(choices).set(place.node.id, gpuIds))}
        />
      ))}
      {leftOut.length > 0 && (
        <Warning title={`Left out: ${namesOf(leftOut)}`}>
          <p>No GPU is known of their node.</p>
        </Warning>
      )}
    </Dialog>
  );
}

type PlaceProps = {
  place: GpuPlace;
  choice: readonly string[] | undefined;
  onChoice: (gpuIds: readonly string[]) => void;
};

function Place({ place: { node, instances, common }, choice, onChoice }: PlaceProps) {
  const isOpen = choice === undefined && common === undefined;
  return (
    <section class={css.place}>
      <GpuField node={node} legend={`GPUs of ${node.name}`} chosen={choice ?? common ?? []} onChange={onChoice} />
      <p class={css.names}>For {namesOf(instances)}.</p>
      {isOpen && (
        <p class={css.differ}>
          They have different ones now, and keep them until you choose.
          <Button onClick={() => onChoice([])}>Use all</Button>
        </p>
      )}
    </section>
  );
}

function setGpus({ node, instances }: GpuPlace, wanted: readonly string[]): void {
  for (const instance of instances) setEdit(instance, "gpuIds", gpusAsNamed(instance.gpuIds, wanted, node.gpus));
}
