/** The blueprints that an instance may be made of, as options of a field. */
import { useQuery } from "@tanstack/preact-query";
import { blueprintsQuery } from "../api/queries.ts";

type Choice = { value: string; label: string };

/** With the one it has, though that may be in the catalogue no more. */
export function useBlueprintChoices(current: string): Choice[] {
  const { data = [] } = useQuery(blueprintsQuery);
  const choices = data.map(({ name, title, category }) => ({
    value: name,
    label: category === null ? title : `${title} · ${category}`,
  }));
  const isKnown = choices.some(({ value }) => value === current);
  return isKnown ? choices : [{ value: current, label: current }, ...choices];
}
