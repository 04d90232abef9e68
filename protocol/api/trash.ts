/** The trash of a node in the HTTP API: folders of deleted instances. */
import * as z from "zod";
import { DesiredInstance } from "../instance.ts";
import { instanceFields } from "./instance.ts";

export const TrashEntry = z
  .object({
    id: z.string(),
    /** The instance's, or the folder's where nothing is known of it. */
    name: z.string(),
    blueprint: z.string().nullable(),
    deletedAt: z.iso.datetime().nullable(),
    sizeBytes: z.number().nullable(),
    /** Why it cannot be restored; null when it can. */
    problem: z.string().nullable(),
  })
  .meta({ id: "TrashEntry" });
export type TrashEntry = z.infer<typeof TrashEntry>;

/** What a node tells its control plane of one entry. */
export const TrashedInstance = z.object({ desired: DesiredInstance, source: z.string().nullable() });
export type TrashedInstance = z.infer<typeof TrashedInstance>;

export const RestoreTrash = z
  .object({ /** Left out: the name it had. */ name: instanceFields.name.optional() })
  .meta({ id: "RestoreTrash" });
export type RestoreTrash = z.infer<typeof RestoreTrash>;

export const TrashRemoved = z.object({ removed: z.int() }).meta({ id: "TrashRemoved" });
export type TrashRemoved = z.infer<typeof TrashRemoved>;
