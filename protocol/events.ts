/** The live feed: what the dashboard's socket carries. Each event is only a hint to read again. */
import * as z from "zod";

export const FeedEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("feed.hello") }),
  z.object({
    type: z.literal("feed.changed"),
    entity: z.enum([
      ...["node", "instance", "blueprint", "join-token", "api-key", "user", "share"],
      ...["secret", "provider", "job", "run", "approval", "mcp-server"],
    ] as const),
    /** null: something in the list changed. */
    id: z.string().nullable(),
  }),
]);
export type FeedEvent = z.infer<typeof FeedEvent>;
