/** Removes containers of this node that nobody holds any more: their holder was killed, and nothing was launched since. */
import type Docker from "dockerode";
import { removeContainer } from "./hold.ts";
import { labelFilter, ownerOf } from "./labels.ts";
import { removeNetworks } from "./networks.ts";

/** A younger one may belong to a launch that began after it was asked what is held. */
const MIN_AGE_SECONDS = 60;

/** `held` are the instances that something runs of. Answers how many were removed. */
export async function sweep(engine: Docker, root: string, held: readonly string[]): Promise<number> {
  const all = await engine.listContainers({ all: true, filters: labelFilter({ root }) });
  const latest = Date.now() / 1000 - MIN_AGE_SECONDS;
  const left = all.filter(({ Labels, Created }) => Created < latest && !held.includes(ownerOf(Labels)?.instance ?? ""));
  for (const { Id } of left) await removeContainer(engine.getContainer(Id));
  return left.length;
}

/** Removes all that was made for a data root: nothing of it runs any more. */
export async function clear(engine: Docker, root: string): Promise<void> {
  const all = await engine.listContainers({ all: true, filters: labelFilter({ root }) });
  for (const { Id } of all) await removeContainer(engine.getContainer(Id));
  await removeNetworks(engine, root);
}
