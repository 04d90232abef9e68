/** What we made on an engine is known by its labels; nothing without them is ever touched. */
import type { Owner } from "./job.ts";

const PREFIX = "dev.roundhouse";
const ROOT = `${PREFIX}.root`;
const INSTANCE = `${PREFIX}.instance`;
const LAUNCH = `${PREFIX}.launch`;

export function labelsOf({ root, instance, launch }: Owner): Record<string, string> {
  return { [ROOT]: root, [INSTANCE]: instance, [LAUNCH]: String(launch) };
}

/** The filter that finds containers of an instance, or all of a data root. */
export function labelFilter({ root, instance }: Pick<Owner, "root"> & { instance?: string }): string {
  const label = [`${ROOT}=${root}`, ...(instance === undefined ? [] : [`${INSTANCE}=${instance}`])];
  return JSON.stringify({ label });
}

/** Whose a container is, by its labels. */
export function ownerOf(labels: Record<string, string>): Owner | undefined {
  const [root, instance, launch] = [labels[ROOT], labels[INSTANCE], labels[LAUNCH]];
  if (root === undefined || instance === undefined || launch === undefined) return undefined;
  return { root, instance, launch: Number(launch) };
}
