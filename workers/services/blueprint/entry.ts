/** A blueprint of either origin, as the services pass it around. */
import type { BlueprintKind } from "@roundhouse/protocol/instance";

export type CatalogueEntry = {
  id: string;
  name: string;
  kind: BlueprintKind;
  title: string;
  category: string | null;
  description: string | null;
  source: string;
  origin: "shipped" | "custom";
  icon: string | null;
  readme: string | null;
};
