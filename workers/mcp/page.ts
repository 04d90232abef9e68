/** Lists as tools take and answer them. */
import * as z from "zod";

export const pageInput = {
  limit: z.int().min(1).max(100).default(50).describe("How many at most."),
  cursor: z.string().max(500).optional().describe("The cursor of the answer before, to go on from there."),
};

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), cursor: z.string().nullable() });
}
