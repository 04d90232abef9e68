/**
 * Takes the newest source of an instance's blueprint; a running app is launched anew, which is when scripts fetch what is
 * new, and the image of a container is pulled. With `at`, only while its generation still is that one. Throws `is_satellite`, `node_lacks`.
 */
import type { Instance } from "@roundhouse/protocol/api/instance";
import { findBlueprint } from "../blueprint/catalogue.ts";
import type { Context } from "../context.ts";
import { changeBlueprint, passToSatellites } from "./blueprint.ts";
import { changeInstance, refuseTombstone } from "./change.ts";
import { refuseSatellite, relaunched } from "./installation.ts";
import { showInstance } from "./read.ts";

export async function updateInstance(ctx: Context, id: string, at?: number): Promise<Instance> {
  const row = await changeInstance(
    ctx,
    id,
    async (current) => {
      refuseTombstone(current);
      if (at !== undefined && current.generation !== at) return undefined;
      refuseSatellite(current, "updated");
      // One that was made from a blueprint which is gone keeps the source it has.
      const blueprint = await findBlueprint(ctx.db, current.blueprintName);
      const change = blueprint ? await changeBlueprint(ctx, current, blueprint.name) : {};
      // What is new of a container is its image, which its next launch asks for as one that is rebuilt does.
      const isContainer = current.blueprintKind === "container";
      return { ...change, ...(isContainer && { rebuilds: current.rebuilds + 1 }), ...relaunched(current) };
    },
    async (current, change) => passToSatellites(ctx, current, change),
  );
  return showInstance(ctx, row);
}
