/** What the resources of the HTTP API have in common (design: every list is `{items, cursor}`, times are ISO 8601 UTC). */
import * as z from "zod";

export const Timestamp = z.iso.datetime();

export const Role = z.enum(["viewer", "operator", "admin"]);
export type Role = z.infer<typeof Role>;

/** One page of a list. `cursor` is null on the last page. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), cursor: z.string().nullable() });
}

export const ListQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().optional(),
});
export type ListQuery = z.infer<typeof ListQuery>;

export const Health = z.object({ status: z.literal("ok"), version: z.string() }).meta({ id: "Health" });
