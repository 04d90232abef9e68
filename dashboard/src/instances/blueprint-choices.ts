/** The blueprints that an instance may be made of, as options of a field. */
import { useQuery } from "@tanstack/preact-query";
import type { Instance } from "@roundhouse/protocol/api/instance";
import { blueprintsQuery } from "../api/queries.ts";

type Choice = { value: string; label: string };

/** Those of its kind, with the one it has, though that may be in the catalogue no more. */
export function useBlueprintChoices({ kind }: Instance, current: string): Choice[] {
  const { data = [] } = useQuery(blueprintsQuery);
  const ofKind = data.filter((blueprint) => blueprint.kind === kind);
  const choices = ofKind.map(({ name, title, category }) => ({
    value: name,
    label: category === null ? title : `${title} · ${category}`,
  }));
  const isKnown = choices.some(({ value }) => value === current);
  return isKnown ? choices : [{ value: current, label: current }, ...choices];
}
